// The profile: one job per section, each with its own answer where the action was.

import * as api from "./api.js";
import { chooseTheme } from "./app.js";
import { $, h, icon } from "./dom.js";
import { ago, day, number } from "./format.js";
import * as session from "./session.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const attempt = (run) => run().catch((problem) => toast(problem.message));
const results = (page) => (Array.isArray(page) ? page : page.results);

// --- you ------------------------------------------------------------------------------------------------
async function showMe() {
  const me = await api.get("/me");
  $("#me-name").value = me.name;
  $("#me-email").textContent = me.email ?? gettext("not given");
  $("#me-language").value = localStorage.getItem("nb.language") ?? me.language;
  $("#me-theme").value = localStorage.getItem("nb.theme") ?? me.theme;
}

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

// --- keys -----------------------------------------------------------------------------------------------
const SCOPES = { read: () => gettext("reads"), generate: () => gettext("creates"), billing: () => gettext("sees payments") };

function keyRow(key) {
  const revoked = key.revoked_at !== null;
  const used = key.last_used_at ? fill(gettext("used %(when)s"), { when: ago(key.last_used_at) }) : gettext("not used yet");
  const cap = key.caps?.day ? fill(gettext("up to %(count)s a day"), { count: number(key.caps.day) }) : null;
  const facts = [`…${key.last_four}`, key.scopes.map((scope) => SCOPES[scope]?.() ?? scope).join(", "), cap, revoked ? fill(gettext("revoked %(when)s"), { when: day(key.revoked_at) }) : used];
  return h(
    "li",
    {},
    h("div", {}, h("strong", {}, key.name), h("p.label__facts", {}, ...facts.filter(Boolean).map((fact) => h("span", {}, fact)))),
    revoked ? h("span.badge", {}, icon("ban"), gettext("Revoked")) : h("div.row", {}, small(gettext("Rotate"), () => rotate(key)), small(gettext("Revoke"), () => revoke(key))),
  );
}

const small = (label, run) => h("button.button.button--small", { type: "button", onclick: run }, label);

async function showKeys() {
  const keys = results(await api.get("/me/api-keys"));
  $("#keys").replaceChildren(...(keys.length ? keys.map(keyRow) : [h("li.quiet.small", {}, gettext("No keys yet."))]));
}

function showSecret(secret) {
  $("#secret-text").textContent = secret;
  $("#secret").hidden = false;
  $("#secret").scrollIntoView({ block: "nearest" });
}

$("#secret-done").addEventListener("click", () => {
  $("#secret-text").textContent = "";
  $("#secret").hidden = true;
});
$("#new-key").addEventListener("click", () => $("#key-dialog").showModal());
$("#key-dialog [data-closes]").addEventListener("click", () => $("#key-dialog").close());
$("#key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const wanted = { name: data.get("name"), scopes: data.getAll("scopes") };
  if (data.get("day")) wanted.caps = { day: Number(data.get("day")) };
  const place = $("#key-problem");
  place.hidden = true;
  try {
    const made = await api.post("/me/api-keys", wanted);
    $("#key-dialog").close();
    event.target.reset();
    showSecret(made.secret);
    await showKeys();
  } catch (problem) {
    place.textContent = problem.errors[0]?.detail ?? problem.message;
    place.hidden = false;
  }
});

async function rotate(key) {
  if (!(await sure(gettext("Rotate this key?"), gettext("A new secret is made, and the present one stops working."), gettext("Rotate")))) return;
  attempt(async () => {
    showSecret((await api.post(`/me/api-keys/${key.id}/rotate`)).secret);
    await showKeys();
  });
}

async function revoke(key) {
  if (!(await sure(gettext("Revoke this key?"), gettext("Programs that use it stop at once. This cannot be undone."), gettext("Revoke")))) return;
  attempt(async () => {
    await api.remove(`/me/api-keys/${key.id}`);
    await showKeys();
  });
}

/** Asks before what cannot be undone. */
function sure(title, text, yes) {
  const dialog = $("#sure-dialog");
  $("#sure-title").textContent = title;
  $("#sure-text").textContent = text;
  $("#sure-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

// --- devices, notices -------------------------------------------------------------------------------------
function deviceRow(device) {
  const facts = [device.ip, fill(gettext("seen %(when)s"), { when: ago(device.last_seen_at) })];
  return h(
    "li",
    {},
    h("div", {}, h("strong", {}, device.device), h("p.label__facts", {}, ...facts.map((fact) => h("span", {}, fact)))),
    device.is_current
      ? h("span.badge.badge--good", {}, icon("check"), gettext("This one"))
      : small(gettext("Sign out"), () =>
          attempt(async () => {
            await api.remove(`/me/sessions/${device.id}`);
            await showDevices();
          }),
        ),
  );
}

async function showDevices() {
  $("#devices").replaceChildren(...results(await api.get("/me/sessions")).map(deviceRow));
}

function noticeRow(notice) {
  const box = h("li", {}, h("div", {}, h("strong", {}, notice.title), notice.body ? h("p.small", {}, notice.body) : null, h("p.tiny.quiet", {}, ago(notice.created_at))));
  if (!notice.read_at) {
    const read = small(gettext("Read"), () => attempt(async () => (await api.post(`/me/notices/${notice.id}/read`), read.remove())));
    box.append(read);
  }
  return box;
}

async function showNotices() {
  const notices = results(await api.get("/me/notices"));
  $("#notices").replaceChildren(...(notices.length ? notices.map(noticeRow) : [h("li.quiet.small", {}, gettext("Nothing new."))]));
}

$("#sign-out").addEventListener("click", async () => {
  const pair = session.tokens();
  try {
    await api.post("/auth/logout", { refresh: pair?.refresh }, { anonymous: true });
  } catch {
    // Signed out here in any case; the tokens end by themselves.
  }
  session.clear();
  location.assign("/");
});

if (api.requireSignIn()) for (const show of [showMe, showKeys, showDevices, showNotices]) attempt(show);
