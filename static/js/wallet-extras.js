// The rest of the wallet: past payments, vouchers, and the notice before tokens run out.

import * as api from "./api.js";
import { $, address, filling, h } from "./dom.js";
import { moment, number, tokens } from "./format.js";
import { money, stateOf } from "./money.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

// --- payments --------------------------------------------------------------------------------------------
export function paymentRow(payment) {
  const [words, tone] = stateOf(payment);
  return h(
    "li",
    {},
    h(
      "a.payment",
      { href: address(`/wallet/payments/${payment.id}`) },
      h("span.payment__what", {}, h("strong", {}, tokens(payment.tokens + payment.bonus_tokens)), h("span.small.quiet", {}, moment(payment.created_at))),
      h(`span.badge${tone ? `.badge--${tone}` : ""}`, {}, words),
      h("span.payment__sum.figures", {}, money(payment.amount, payment.currency, payment.decimals)),
    ),
  );
}

async function showPayments(path, append = false) {
  const page = await api.get(path);
  const rows = page.results.map(paymentRow);
  if (append) $("#payments").append(...rows);
  else $("#payments").replaceChildren(...rows);
  $("#payments-section").hidden = !$("#payments").children.length;
  const older = () => {
    const wanted = new URL(page.next, location.origin);
    showPayments(wanted.pathname + wanted.search, true).catch((problem) => toast(problem.message));
  };
  $("#payments-more").replaceChildren(...(page.next ? [h("button.button.button--small", { type: "button", onclick: older }, gettext("Older"))] : []));
}

// --- vouchers --------------------------------------------------------------------------------------------
$("#voucher").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = $("#voucher-said");
  try {
    const added = await api.post("/wallet/vouchers", { code: $("#voucher-code").value });
    said.textContent = fill(gettext("Added: %(tokens)s"), { tokens: tokens(added.tokens) });
    $("#voucher-code").value = "";
    dispatchEvent(new CustomEvent("nb:books"));
  } catch (problem) {
    said.textContent = problem.message;
  }
});

// --- the notice ------------------------------------------------------------------------------------------
function showAlert({ below }) {
  $("#alert-below").value = below ?? "";
  $("#alert-badge").hidden = below === null;
  $("#alert-badge").textContent = below === null ? "" : `< ${number(below)}`;
}

$("#alert").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = $("#alert-below").value;
  try {
    showAlert(await api.put("/wallet/alert", { below: typed === "" ? null : Number(typed) }));
    $("#alert-said").textContent = gettext("Saved");
  } catch (problem) {
    $("#alert-said").textContent = problem.errors[0]?.detail ?? problem.message;
  }
});

// --- the way back ----------------------------------------------------------------------------------------
/** Gateways whose return address is fixed send people here, with the number of the payment. */
async function goToReturned() {
  const told = new URLSearchParams(location.search);
  const id = told.get("order_id");
  const number = Number(told.get("InvId"));
  if (/^[0-9a-f-]{36}$/.test(id ?? "")) location.replace(address(`/wallet/payments/${id}`));
  else if (number) {
    const { results } = await api.get("/payments?page_size=20");
    const payment = results.find((one) => one.number === number);
    if (payment) location.replace(address(`/wallet/payments/${payment.id}`));
  }
}

if (api.requireSignIn()) {
  goToReturned().catch((problem) => toast(problem.message));
  filling("#payments-section", () => showPayments("/payments?page_size=5")).catch((problem) => toast(problem.message));
  api.get("/wallet/alert").then(showAlert, (problem) => toast(problem.message));
}
