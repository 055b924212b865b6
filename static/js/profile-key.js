// What one API key was used for: by day, and the latest calls.

import { attempt, pages } from "./account.js";
import * as api from "./api.js";
import { $, $$, address, filling, h, icon } from "./dom.js";
import { bars } from "./chart.js";
import { ago, day, moment, number } from "./format.js";
import { WINDOWS, cap } from "./key-caps.js";
import { fill, gettext } from "./words.js";

const id = $("#key").dataset.id;
const SAID = {
  calls: (count) => fill(gettext("Calls in 30 days: %(count)s."), { count }),
  tokens: (count) => fill(gettext("Tokens in 30 days: %(count)s."), { count }),
  failed: (count) => fill(gettext("Refused or failed in 30 days: %(count)s."), { count }),
};
let days = [];

function draw() {
  const figure = $("#figures [aria-pressed=true]").dataset.figure;
  const points = days.map((one) => ({ value: one[figure], label: day(one.day) }));
  $("#chart").replaceChildren(bars(points, Math.max(300, $("#chart").clientWidth)));
  $("#chart-said").textContent = SAID[figure](number(days.reduce((sum, one) => sum + one[figure], 0)));
}

for (const button of $$("#figures button")) {
  button.addEventListener("click", () => {
    for (const other of $$("#figures button")) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
}

async function showKey() {
  const { results } = await api.get("/me/api-keys?page_size=100");
  const key = results.find((one) => one.id === id);
  if (!key) {
    $("#key").replaceChildren(h("div.empty", {}, icon("key-round"), h("h2", {}, gettext("There is no such key")), h("a.button", { href: address("/keys") }, gettext("All keys"))));
    return;
  }
  $("#key-name").textContent = key.name;
  document.title = `${key.name} · NeuralBox`;
  const used = key.last_used_at ? fill(gettext("used %(when)s"), { when: ago(key.last_used_at) }) : gettext("not used yet");
  const caps = WINDOWS.filter((window) => window in key.caps).map((window) => cap(window, key.caps[window]));
  const facts = [`…${key.last_four}`, fill(gettext("made %(when)s"), { when: day(key.created_at) }), used, ...caps, key.revoked_at ? gettext("Revoked") : null];
  $("#key-facts").replaceChildren(...facts.filter(Boolean).map((fact) => h("span", {}, fact)));
}

async function showDays() {
  ({ days } = await api.get(`/me/api-keys/${id}/usage?days=30`));
  draw();
  const rows = days.filter((one) => one.calls || one.tokens).reverse();
  $("#days").replaceChildren(
    ...rows.map((one) => h("tr", {}, h("td", {}, day(one.day)), h("td.number", {}, number(one.calls)), h("td.number", {}, number(one.failed)), h("td.number", {}, number(one.tokens)))),
  );
}

function callRow(call) {
  const bad = call.status >= 400;
  return h(
    "tr",
    {},
    h("td.nowrap", {}, moment(call.created_at)),
    h("td", {}, h("code.small.anywhere", {}, `${call.method} ${call.route.replace("/api/v1", "").replace(/<\w+:(\w+)>/g, "{$1}")}`)),
    h("td", {}, h(`span.badge${bad ? ".badge--bad" : ".badge--good"}`, {}, icon(bad ? "circle-alert" : "check"), String(call.status))),
    h("td.number", {}, fill(gettext("%(count)s ms"), { count: number(call.milliseconds) })),
    h("td", {}, call.ip ?? "—"),
  );
}

async function showCalls() {
  const count = await pages(`/me/api-keys/${id}/calls`, $("#calls"), $("#calls-more"), callRow);
  $("#calls-none").hidden = count > 0;
  $("#calls").closest(".table-box").hidden = count === 0;
}

addEventListener("resize", () => days.length && draw());

if (api.requireSignIn()) {
  attempt(() => filling("#key-head", showKey));
  attempt(() => filling("#chart", showDays));
  attempt(showCalls);
}
