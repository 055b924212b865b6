// The privacy center: what is held, who received it, who looked; the copy, the consents, this browser, the end.

import * as api from "./api.js";
import { $, filling, h, icon } from "./dom.js";
import { bytes, day, moment, number } from "./format.js";
import * as session from "./session.js";
import { toast } from "./toast.js";
import { fill, gettext, ngettext } from "./words.js";

const LOOK_AGAIN = 3000;
const OURS = {
  "nb.jwt": () => gettext("your sign-in"),
  "nb.language": () => gettext("the language you chose"),
  "nb.theme": () => gettext("light or dark"),
};

const attempt = (run) => run().catch((problem) => toast(problem.message));
const nothing = (text) => h("li.quiet.small", {}, text);
const list = (place, rows, empty) => $(place).replaceChildren(...(rows.length ? rows : [nothing(empty)]));

function line(title, facts, more = null) {
  return h("li", {}, h("div", {}, h("strong", {}, title), h("p.label__facts", {}, ...facts.filter(Boolean).map((fact) => h("span", {}, fact)))), more);
}

const entries = (count) => fill(ngettext("%(count)s entry", "%(count)s entries", count), { count: number(count) });
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const times = (count) => fill(ngettext("%(count)s time", "%(count)s times", count), { count: number(count) });

// --- what is held, who received it, who looked -------------------------------------------------------------
async function showOverview() {
  const { held, received, opened, coming_purges: purges, deletion } = await api.get("/me/privacy");
  $("#held").replaceChildren(...held.map(heldRow));
  list("#received", received.map((one) => line(one.title, [one.what, times(one.count), one.last_at && day(one.last_at)])), gettext("Nobody so far."));
  list("#opened", opened.map((one) => line(moment(one.at), [one.who, one.what, fill(gettext("reason: %(why)s"), one)])), gettext("Nobody so far."));
  $("#purges-section").hidden = !purges.length;
  showDeletion(deletion);
  list("#purges", purges.map((one) => line(one.title, [entries(one.count), fill(gettext("deleted on %(day)s"), { day: day(one.purge_at) })])), "");
}

function heldRow(one) {
  const [first, last] = [one.first_at, one.last_at].map((time) => time && day(time));
  const since = first ?? last ?? "";
  return h("tr", {}, h("td.table__words", {}, one.title, h("p", {}, one.purpose)), h("td.number", { dataset: { label: gettext("How many") } }, number(one.count)), h("td.quiet.nowrap", { dataset: since ? { label: gettext("Since") } : {} }, since));
}

// --- the copy ------------------------------------------------------------------------------------------------
function exportBox(one) {
  const made = fill(gettext("Asked for on %(when)s"), { when: moment(one.created_at) });
  if (one.status === "ready") {
    const links = one.parts.map((part) => {
      const label = one.parts.length > 1 ? fill(gettext("Part %(number)s"), part) : gettext("Download");
      return h("a.button.button--main.button--small", { href: part.download_url, download: "" }, icon("download", "small"), `${label} · ${bytes(part.bytes)}`);
    });
    return h("div.export", {}, h("strong", {}, gettext("Your copy is ready")), h("p.small.quiet", {}, fill(gettext("Kept until %(when)s"), { when: moment(one.expires_at) })), h("div.row", {}, ...links));
  }
  if (one.status === "requested" || one.status === "running") {
    const percent = Math.round(one.progress * 100);
    const bar = h("progress", { max: 100, value: percent, ariaLabel: gettext("Progress of the copy") });
    return h("div.export", {}, h("strong", {}, fill(gettext("Being made: %(percent)s%"), { percent })), bar, h("p.small.quiet", {}, gettext("You may leave this page: we will tell you when it is ready.")));
  }
  const text = one.status === "failed" ? gettext("It could not be made. Please try again.") : gettext("Its 24 hours are over.");
  return h("p.small.quiet", {}, `${made}. ${text}`);
}

async function showExports() {
  const all = await api.get("/me/exports");
  $("#exports").replaceChildren(...all.slice(0, 3).map(exportBox));
  const busy = all.some((one) => ["requested", "running"].includes(one.status));
  $("#make-export").disabled = busy;
  if (busy) setTimeout(() => attempt(showExports), LOOK_AGAIN);
}

$("#make-export").addEventListener("click", async () => {
  await sayProblem("#export-problem", async () => {
    await api.post("/me/exports");
    await showExports();
  });
});

/** Runs it; shows a refusal beside the button, with a way to sign in once more where that is what is missing. */
async function sayProblem(place, run) {
  const box = $(place);
  box.hidden = true;
  try {
    await run();
  } catch (problem) {
    box.replaceChildren(problem.errors?.[0]?.detail ?? problem.message);
    if (problem.code === "recent_sign_in_required") {
      box.append(" ", h("button.button.button--small", { type: "button", onclick: api.goToSignIn }, gettext("Sign in once more")));
    }
    box.hidden = false;
  }
}

// --- consents ------------------------------------------------------------------------------------------------
function consentRow(one) {
  const ways = { sign_up: gettext("at the first sign-in"), again: gettext("to a changed document"), api: gettext("through the API") };
  return line(`${one.title}, ${fill(gettext("version %(number)s"), one)}`, [moment(one.created_at), ways[one.way], one.ip]);
}

function wantedBox(one) {
  const agree = () =>
    attempt(async () => {
      await api.post("/me/consents", { versions: [one.version_id] });
      await showConsents();
    });
  return h(
    "div.note.note--wait",
    {},
    icon("file-text"),
    h(
      "div.stack.stack--tight",
      {},
      h("strong", {}, fill(gettext("“%(title)s” has changed"), one)),
      one.change ? h("p.small", {}, one.change) : null,
      new Date(one.effective_at) > Date.now() ? h("p.small.quiet", {}, fill(gettext("It holds from %(day)s."), { day: day(one.effective_at) })) : null,
      h("p.row", {}, h("a.button.button--small", { href: `/legal/${one.document}/history?to=${one.number}` }, gettext("What changes")), h("button.button.button--small.button--main", { type: "button", onclick: agree }, gettext("Agree"))),
    ),
  );
}

async function showConsents() {
  const { given, wanted } = await api.get("/me/consents");
  $("#wanted").replaceChildren(...wanted.map(wantedBox));
  list("#given", given.map(consentRow), gettext("Nothing is recorded."));
}

// --- this browser ---------------------------------------------------------------------------------------------
function showBrowser() {
  const stored = Object.keys(localStorage).sort().map((key) => line(sentence(OURS[key]?.() ?? gettext("not ours")), [h("code", {}, key), gettext("local storage")]));
  const cookies = document.cookie.split("; ").filter(Boolean).map((pair) => pair.split("=")[0]);
  const shown = cookies.map((name) => line(sentence(name === "csrftoken" ? gettext("protects the sign-in form") : gettext("not ours")), [h("code", {}, name), gettext("cookie")]));
  list("#kept", [...stored, ...shown], gettext("Nothing."));
}

// --- the end ---------------------------------------------------------------------------------------------------
function showDeletion(request) {
  const open = ["requested", "scheduled", "running"].includes(request?.status);
  $("#going").hidden = !open;
  $("#delete").hidden = open;
  if (!open) return;
  $("#going-title").textContent = request.erase_at ? fill(gettext("The account will be erased on %(day)s"), { day: day(request.erase_at) }) : gettext("You asked for the deletion of the account");
  $("#going-text").textContent = request.waits_for ? fill(gettext("It waits for: %(what)s"), { what: request.waits_for }) : fill(gettext("By %(day)s at the latest all is done."), { day: day(request.deadline) });
  $("#keep").hidden = request.status === "running";
}

$("#keep").addEventListener("click", () =>
  attempt(async () => {
    await api.remove("/me/deletion-request");
    showDeletion(null);
    toast(gettext("The account stays."));
  }),
);

$("#delete-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sayProblem("#delete-problem", async () => {
    await api.post("/me/deletion-request", { confirm: $("#confirm").value });
    session.clear();
    location.assign("/");
  });
});

if (api.requireSignIn()) {
  attempt(() => filling("#held", showOverview));
  attempt(() => filling("#exports", showExports));
  attempt(() => filling("#given", showConsents));
  showBrowser();
}
