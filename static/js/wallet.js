// The wallet: what is there, what it buys, and every movement as in a bank statement.

import * as api from "./api.js";
import { $, $$, address, h, icon } from "./dom.js";
import { moment, number, tokens } from "./format.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const KINDS = {
  top_up: () => gettext("Bought tokens"),
  bonus: () => gettext("A gift"),
  hold: () => gettext("Set aside for a generation"),
  capture: () => gettext("A generation"),
  release: () => gettext("Came back"),
  refund: () => gettext("Refund to the payer"),
  correction: () => gettext("Correction"),
};
let next = null;
let kinds = $("#ledger-filters [aria-pressed=true]").dataset.kinds;

function showBalance(balance) {
  $("#available").textContent = tokens(balance.available);
  for (const part of ["paid", "bonus", "held"]) $(`#${part}`).textContent = number(balance[part]);
  for (const row of $$("#buys [data-price]")) {
    const price = Number(row.dataset.price);
    $("[data-count]", row).textContent = price ? number(Math.floor(balance.available / price)) : "—";
  }
}

// --- the statement -------------------------------------------------------------------------------------
function row(entry) {
  const amount = entry.amount;
  const sign = amount > 0 ? "+" : amount < 0 ? "−" : "";
  return h(
    "tr",
    {},
    h("td", {}, moment(entry.created_at)),
    h("td", {}, ...what(entry)),
    h(`td.number${amount > 0 ? ".plus" : ""}`, {}, `${sign}${number(Math.abs(amount))}`),
    h("td.number", {}, entry.balance_after === null || entry.balance_after === undefined ? "" : number(entry.balance_after)),
  );
}

function what(entry) {
  const text = entry.description || KINDS[entry.kind]?.() || entry.kind;
  const [, kind, id] = /(generation|payment):([0-9a-f]{8}-[0-9a-f-]{27})$/.exec(entry.reference ?? "") ?? [];
  if (!kind) return [text];
  return [h("a", { href: address(kind === "generation" ? `/g/${id}` : `/wallet/payments/${id}`) }, text)];
}

async function load(path, { append = false } = {}) {
  try {
    const page = await api.get(path);
    const rows = page.results.map(row);
    if (append) $("#ledger").append(...rows);
    else $("#ledger").replaceChildren(...rows);
    next = page.next;
    $("#ledger-message").textContent = $("#ledger").children.length ? "" : gettext("No movements of this kind yet.");
    $("#ledger-more").replaceChildren(...(next ? [h("button.button.button--small", { type: "button", onclick: more }, gettext("Older"))] : []));
  } catch (problem) {
    $("#ledger-message").replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, problem.message)));
  }
}

function more() {
  const wanted = new URL(next, location.origin);
  load(wanted.pathname + wanted.search, { append: true });
}

function begin() {
  const wanted = new URLSearchParams({ page_size: 30 });
  if (kinds) wanted.set("kind", kinds);
  // A day begins and ends where the reader is.
  const [from, to] = ["from", "to"].map((edge) => $(`#ledger-${edge}`).value);
  if (from) wanted.set("created_after", new Date(`${from}T00:00`).toISOString());
  if (to) wanted.set("created_before", new Date(new Date(`${to}T00:00`).getTime() + 86_400_000).toISOString());
  load(`/ledger?${wanted}`);
}

for (const chip of $$("#ledger-filters button")) {
  chip.addEventListener("click", () => {
    kinds = chip.dataset.kinds;
    for (const other of $$("#ledger-filters button")) other.setAttribute("aria-pressed", String(other === chip));
    begin();
  });
}

for (const field of $$("#ledger-period input")) field.addEventListener("change", begin);
addEventListener("nb:books", begin);

// --- limits ---------------------------------------------------------------------------------------------
const WINDOWS = ["hour", "day", "month", "total"];

function showCaps(caps) {
  const count = WINDOWS.filter((name) => caps[name]).length;
  $("#caps-count").hidden = count === 0;
  $("#caps-count").textContent = number(count);
  for (const name of WINDOWS) {
    $(`#cap-${name}`).value = caps[name]?.limit ?? "";
    $(`[data-used=${name}]`).textContent = caps[name] ? fill(gettext("%(count)s used"), { count: number(caps[name].used) }) : "";
  }
}

$("#caps").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = $("#caps-said");
  const wanted = Object.fromEntries(WINDOWS.map((name) => [name, $(`#cap-${name}`).value === "" ? null : Number($(`#cap-${name}`).value)]));
  try {
    showCaps(await api.put("/wallet/caps", wanted));
    said.textContent = gettext("Saved");
  } catch (problem) {
    said.textContent = problem.errors[0]?.detail ?? problem.message;
  }
});

// --- the statement as a file ------------------------------------------------------------------------------
for (const button of $$("[data-statement]")) {
  button.addEventListener("click", async () => {
    const format = button.dataset.statement;
    button.disabled = true;
    try {
      const response = await api.request(`/ledger/statement?format=${format}`);
      if (!response.ok) throw new Error(gettext("The statement could not be made. Try again in a moment."));
      const url = URL.createObjectURL(await response.blob());
      h("a", { href: url, download: `neuralbox-statement.${format}` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (problem) {
      toast(problem.message);
    }
    button.disabled = false;
  });
}

if (api.requireSignIn()) {
  addEventListener("nb:balance", ({ detail }) => showBalance(detail));
  api.get("/balance").then(showBalance, (problem) => toast(problem.message));
  api.get("/wallet/caps").then(showCaps, (problem) => toast(problem.message));
  begin();
}
