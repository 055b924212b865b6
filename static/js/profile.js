// The profile: who you are, your ways in, language and theme.

import { askToSignInAgain, attempt, small } from "./account.js";
import * as api from "./api.js";
import { chooseTheme } from "./app.js";
import { $, $$, filling, h } from "./dom.js";
import { ago } from "./format.js";
import * as session from "./session.js";
import { sure } from "./sure.js";
import { fill, gettext, language } from "./words.js";

const NAMES = { google: "Google", yandex: gettext("Yandex ID"), vk: "VK ID", github: "GitHub", telegram: "Telegram", tiktok: "TikTok" };
const nameOf = (provider) => NAMES[provider] ?? (provider === "dummy" ? gettext("Local mode") : provider);

// --- you ------------------------------------------------------------------------------------------------
async function showMe() {
  const me = await api.get("/me");
  $("#me-name").value = me.name;
  showEmail(me);
  $("#me-language").value = language;
  $("#me-theme").value = localStorage.getItem("nb.theme") ?? me.theme;
  if (me.avatar) {
    $("#me-picture").src = me.avatar;
    $("#me-picture").hidden = false;
    $("#me-no-picture").hidden = true;
  }
}

function showEmail({ email, pending_email: pending }) {
  $("#me-email").textContent = email ?? gettext("not given: letters cannot reach you");
  $("#change-email").textContent = email ? gettext("Change") : gettext("Add one");
  $("#change-email").hidden = false;
  $("#me-pending").hidden = !pending;
  if (pending) $("#me-pending").textContent = fill(gettext("Not confirmed yet: %(email)s. The link in our letter works for a day."), { email: pending });
}

$("#change-email").addEventListener("click", () => $("#email-dialog").showModal());
$("#email-dialog [data-closes]").addEventListener("click", () => $("#email-dialog").close());
$("#email-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = $("#email-problem");
  place.hidden = true;
  try {
    await api.post("/me/email", { email: $("#new-email").value });
    $("#email-dialog").close();
    event.target.reset();
    showEmail(await api.get("/me"));
  } catch (problem) {
    if (problem.code === "recent_sign_in_required") {
      $("#email-dialog").close();
      askToSignInAgain();
      return;
    }
    place.textContent = problem.errors?.[0]?.detail ?? problem.message;
    place.hidden = false;
  }
});

$("#me").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await api.patch("/me", { name: $("#me-name").value });
    $("#me-said").textContent = gettext("Saved");
  } catch (problem) {
    $("#me-said").textContent = problem.errors[0]?.detail ?? problem.message;
  }
});
$("#me-language").addEventListener("change", ({ target }) =>
  attempt(async () => {
    await api.patch("/me", { language: target.value });
    localStorage.setItem("nb.language", target.value);
    location.assign(`/${target.value}${location.pathname.replace(/^\/(ru|en)(?=\/|$)/, "")}`);
  }),
);
$("#me-theme").addEventListener("change", ({ target }) => {
  chooseTheme(target.value);
  attempt(() => api.patch("/me", { theme: target.value }));
});

// --- ways in --------------------------------------------------------------------------------------------
function loginRow(login, isLast) {
  const facts = [login.email, `${gettext("id")} ${login.external_id}`, fill(gettext("used %(when)s"), { when: ago(login.last_used_at) })];
  return h(
    "li",
    {},
    h(
      "div.row.row--top",
      {},
      h(`span.login-mark.login-mark--${login.provider}`, { ariaHidden: "true" }),
      h("div", {}, h("strong", {}, nameOf(login.provider)), h("p.label__facts", {}, ...facts.filter(Boolean).map((fact) => h("span.anywhere", {}, fact)))),
    ),
    isLast ? h("span.badge", {}, gettext("The only one")) : small(gettext("Remove"), () => remove(login)),
  );
}

async function showLogins() {
  const logins = await api.get("/me/identities");
  $("#logins").replaceChildren(...logins.map((login) => loginRow(login, logins.length === 1)));
  const linked = new Set(logins.map((login) => login.provider));
  let offered = 0;
  for (const form of $$("form[data-adds]")) {
    form.hidden = linked.has(form.dataset.adds);
    if (!form.hidden) offered += 1;
  }
  if ($("#more-logins")) $("#more-logins").hidden = offered === 0;
}

async function remove(login) {
  const name = nameOf(login.provider);
  if (!(await sure(fill(gettext("Remove %(name)s?"), { name }), gettext("You will no longer get in this way. Your other logins stay."), gettext("Remove")))) return;
  attempt(async () => {
    await api.remove(`/me/identities/${login.id}`);
    await showLogins();
  });
}

for (const form of $$("form[data-adds]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const access = await attempt(() => api.accessToken());
    if (!access) return;
    // The form posts it and is gone: it never stands in an address.
    form.elements.access.value = access;
    form.submit();
  });
}

$("#sign-out").addEventListener("click", async () => {
  await session.end();
  location.assign("/");
});

if (api.requireSignIn()) {
  attempt(() => filling("#me", showMe));
  attempt(() => filling("#logins", showLogins));
}
