// Webhook addresses: what each hears of, its secret, and every message that was sent to it.

import * as api from "./api.js";
import { $, $$, h, icon } from "./dom.js";
import { ago, moment } from "./format.js";
import { sure } from "./sure.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const EVENTS = {
  "generation.succeeded": () => gettext("what succeeded"),
  "generation.failed": () => gettext("what failed"),
  "generation.cancelled": () => gettext("what was cancelled"),
};
const STATES = {
  delivered: ["badge--good", "check", () => gettext("Delivered")],
  pending: ["badge--wait", "clock", () => gettext("On the way")],
  failed: ["badge--bad", "circle-alert", () => gettext("Not delivered")],
};
const HIDDEN = "••••••••";
const attempt = (run) => run().catch((problem) => toast(problem.message));
const small = (label, run) => h("button.button.button--small", { type: "button", onclick: run }, label);
let changing = null;

async function show() {
  const list = $("#endpoints");
  try {
    const { results, account_secret: secret } = await api.get("/webhook-endpoints");
    list.replaceChildren(...results.map(card));
    $("#no-endpoints").hidden = results.length > 0;
    $("#show-account-secret").onclick = () => {
      $("#account-secret").textContent = secret;
      $("#copy-account-secret").hidden = false;
      $("#show-account-secret").hidden = true;
    };
  } catch (problem) {
    $("#endpoints-message").replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, problem.message)));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function card(endpoint) {
  const state = endpoint.enabled
    ? h("span.badge.badge--good", {}, icon("check"), gettext("In use"))
    : h("span.badge", {}, icon("ban"), gettext("Switched off"));
  const heard = endpoint.events.map((event) => EVENTS[event]()).join(", ");
  return h(
    "li.card",
    {},
    h(
      "div.card__body",
      {},
      h("div.row", {}, h("strong.anywhere", {}, endpoint.url), state),
      endpoint.description ? h("p.small", {}, endpoint.description) : null,
      h("p.small.quiet", {}, fill(gettext("Hears of %(events)s"), { events: heard })),
      endpoint.disabled_because ? h("p.small", {}, endpoint.disabled_because) : null,
      secretRow(endpoint),
      h(
        "div.row",
        {},
        small(gettext("Change"), () => edit(endpoint)),
        small(endpoint.enabled ? gettext("Switch off") : gettext("Switch on"), () => change(endpoint, { enabled: !endpoint.enabled })),
        small(gettext("New secret"), () => rotate(endpoint)),
        small(gettext("Remove"), () => remove(endpoint)),
      ),
      deliveries(endpoint),
    ),
  );
}

function secretRow(endpoint) {
  const id = `secret-${endpoint.id}`;
  const copy = h("button.button.button--small", { type: "button", hidden: true, dataset: { copies: `#${id}` } }, icon("copy", "small"), h("span", { dataset: { label: "" } }, gettext("Copy")));
  const code = h("code.anywhere", { id }, HIDDEN);
  const reveal = h("button.button.button--small.button--plain", { type: "button" }, gettext("Show"));
  reveal.addEventListener("click", () => {
    code.textContent = endpoint.secret;
    copy.hidden = false;
    reveal.remove();
  });
  const overlap = endpoint.secret_rotated_at && Date.now() - new Date(endpoint.secret_rotated_at) < 86_400_000;
  return h(
    "div.stack.stack--tight",
    {},
    h("p.row", {}, h("span.small.quiet", {}, gettext("Secret")), code, copy, reveal),
    overlap ? h("p.tiny.quiet", {}, fill(gettext("Changed %(when)s; for a day the old one signs too."), { when: ago(endpoint.secret_rotated_at) })) : null,
  );
}

// --- messages ---------------------------------------------------------------------------------------------
function deliveries(endpoint) {
  const body = h("div.fold__body", {});
  const fold = h("details.fold", {}, h("summary", {}, icon("history", "small"), h("span", {}, gettext("Messages")), icon("chevron-down", "small")), body);
  fold.addEventListener("toggle", () => fold.open && attempt(() => showDeliveries(endpoint, body, `/webhook-endpoints/${endpoint.id}/deliveries`)));
  return fold;
}

async function showDeliveries(endpoint, body, path) {
  const page = await api.get(path);
  const older = page.next ? small(gettext("Older"), () => attempt(() => showDeliveries(endpoint, body, new URL(page.next).pathname + new URL(page.next).search))) : null;
  body.replaceChildren(
    page.results.length
      ? h("ul.list", { role: "list" }, ...page.results.map((message) => deliveryRow(endpoint, message)))
      : h("p.small.quiet", {}, gettext("Nothing was sent yet.")),
    ...(older ? [older] : []),
  );
}

function deliveryRow(endpoint, message) {
  const [look, symbol, text] = STATES[message.status];
  const answer = message.answer_status ? fill(gettext("answered %(status)s"), { status: message.answer_status }) : message.failure;
  const facts = [EVENTS[message.event](), moment(message.created_at), answer].filter(Boolean);
  const row = h(
    "li",
    {},
    h("div", {}, h("span", { className: `badge ${look}` }, icon(symbol), text()), h("p.label__facts", {}, ...facts.map((fact) => h("span", {}, fact)))),
  );
  if (message.status !== "pending") {
    row.append(
      small(gettext("Send again"), () =>
        attempt(async () => row.replaceWith(deliveryRow(endpoint, await api.post(`/webhook-endpoints/${endpoint.id}/deliveries/${message.id}/replay`)))),
      ),
    );
  }
  return row;
}

// --- changes ----------------------------------------------------------------------------------------------
function edit(endpoint) {
  changing = endpoint;
  const title = $("#endpoint-title");
  title.textContent = endpoint ? title.dataset.change : title.dataset.new;
  $("#endpoint-url").value = endpoint?.url ?? "";
  $("#endpoint-description").value = endpoint?.description ?? "";
  for (const box of $$("[name=events]", $("#endpoint-form"))) box.checked = !endpoint || endpoint.events.includes(box.value);
  $("#endpoint-problem").hidden = true;
  $("#endpoint-dialog").showModal();
}

$("#new-endpoint").addEventListener("click", () => edit(null));
$("#endpoint-dialog [data-closes]").addEventListener("click", () => $("#endpoint-dialog").close());
$("#endpoint-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const wanted = { url: data.get("url"), description: data.get("description"), events: data.getAll("events") };
  try {
    if (changing) await api.patch(`/webhook-endpoints/${changing.id}`, wanted);
    else await api.post("/webhook-endpoints", wanted);
    $("#endpoint-dialog").close();
    await show();
  } catch (problem) {
    $("#endpoint-problem").textContent = problem.errors[0]?.detail ?? problem.message;
    $("#endpoint-problem").hidden = false;
  }
});

const change = (endpoint, changes) => attempt(async () => (await api.patch(`/webhook-endpoints/${endpoint.id}`, changes), show()));

async function rotate(endpoint) {
  if (!(await sure(gettext("Make a new secret?"), gettext("For a day messages are signed by both, so your program can change over without losing one."), gettext("New secret")))) return;
  attempt(async () => (await api.post(`/webhook-endpoints/${endpoint.id}/rotate-secret`), show()));
}

async function remove(endpoint) {
  if (!(await sure(gettext("Remove this address?"), gettext("It is told nothing more, and the list of its messages goes, too."), gettext("Remove")))) return;
  attempt(async () => (await api.remove(`/webhook-endpoints/${endpoint.id}`), show()));
}

if (api.requireSignIn()) show();
