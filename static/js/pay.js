// One payment, as our own books have it: the browser's return from the gateway proves nothing. Lives while it is open.

import * as api from "./api.js";
import { $, address, h, icon } from "./dom.js";
import { moment, tokens } from "./format.js";
import { money, promiseOf, refundStateOf, stateOf } from "./money.js";
import { fill, gettext, ngettext } from "./words.js";

const id = $("#payment").dataset.payment;
const OPEN = ["created", "pending"];
const RETURNING = ["requested", "approved", "sent"];
const PAUSES = [1500, 1500, 2000, 2000, 3000, 4000, 6000, 10_000, 15_000];
let times = 0;
let timer = 0;
let promise = "";

const whole = (payment) => money(payment.amount, payment.currency, payment.decimals);

const TITLES = {
  created: () => gettext("Preparing the payment page"),
  pending: () => gettext("Waiting for your payment"),
  paid: (payment) => fill(gettext("Paid: %(tokens)s are yours"), { tokens: tokens(payment.tokens + payment.bonus_tokens) }),
  failed: () => gettext("The payment did not go through"),
  cancelled: () => gettext("The payment was cancelled"),
  expired: () => gettext("The payment ran out of time"),
  refunded: () => gettext("The payment was returned"),
  partially_refunded: () => gettext("Part of the payment was returned"),
  disputed: () => gettext("Your bank disputes this payment"),
};
const EXPLANATIONS = {
  created: () => gettext("The payment system has not answered yet. We ask again; you need not do anything."),
  pending: () => gettext("As soon as the payment system confirms it, the tokens appear here and in your balance. You may close this page."),
  paid: () => gettext("They are in your balance already and do not expire."),
  failed: () => gettext("Nothing was charged, or the money is on its way back from the payment system. Try another card or another way to pay."),
  cancelled: () => gettext("Nothing was charged."),
  expired: () => gettext("Nobody paid in time. If your money has left all the same, press the button below: late payments are credited too."),
  refunded: () => gettext("The money is on its way to where it came from; how long that takes is up to the payment system."),
  partially_refunded: () => gettext("The unused part has gone back to where it came from."),
  disputed: () => gettext("The unused tokens of this payment are frozen until the bank decides."),
};

function show(payment) {
  const [words, tone] = stateOf(payment);
  const calm = ["refunded", "partially_refunded"].includes(payment.status) ? "rotate-ccw" : "clock";
  const mark = { good: "circle-check", bad: "circle-x" }[tone] ?? calm;
  $("#state").replaceChildren(icon(mark), " ", TITLES[payment.status](payment));
  $("#state").className = `pay-state${tone ? ` pay-state--${tone}` : ""}`;
  const isReturning = payment.refunds.some((refund) => RETURNING.includes(refund.status));
  $("#explanation").textContent = isReturning && payment.status === "paid" ? gettext("You asked for the return: its tokens are set aside for it.") : EXPLANATIONS[payment.status]();
  showActions(payment);
  const facts = [
    [gettext("Status"), words],
    [gettext("Amount"), payment.full_amount > payment.amount ? `${whole(payment)} (${gettext("with a promo code")})` : whole(payment)],
    [gettext("Tokens"), bought(payment)],
    [gettext("Payment no."), String(payment.number)],
    [gettext("Way to pay"), payment.gateway_name ?? payment.gateway],
    [gettext("Begun"), moment(payment.created_at)],
    [gettext("Paid at"), payment.paid_at && moment(payment.paid_at)],
    [gettext("Returned"), payment.refunded_amount ? money(payment.refunded_amount, payment.currency, payment.decimals) : null],
  ];
  $("#facts").replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  showList("receipts", payment.receipts.map(receiptRow));
  showList("refunds", payment.refunds.map((refund) => refundRow(refund, payment)));
  showRefundable(payment);
}

function bought(payment) {
  if (!payment.bonus_tokens) return tokens(payment.tokens);
  return fill(gettext("%(tokens)s and %(gift)s as a gift"), { tokens: tokens(payment.tokens), gift: tokens(payment.bonus_tokens) });
}

function showActions(payment) {
  const actions = [];
  if (payment.redirect_url) actions.push(h("a.button.button--main", { href: payment.redirect_url }, fill(gettext("Pay %(amount)s"), { amount: whole(payment) })));
  if ([...OPEN, "failed", "cancelled", "expired"].includes(payment.status)) {
    actions.push(h("button.button", { type: "button", onclick: check }, gettext("I paid but got nothing")));
  }
  if (["failed", "cancelled", "expired"].includes(payment.status)) {
    actions.unshift(h("a.button.button--main", { href: address("/wallet") }, gettext("Try again")));
  }
  if (payment.status === "paid") actions.push(h("a.button.button--main", { href: address("/create") }, gettext("Create something")));
  $("#actions").replaceChildren(...actions);
}

function showList(name, rows) {
  $(`#${name}-section`).hidden = rows.length === 0;
  $(`#${name}`).replaceChildren(...rows);
}

function receiptRow(receipt) {
  const title = { sale: gettext("Receipt of the payment"), return: gettext("Receipt of the return"), closing: gettext("Receipt for the spent tokens") }[receipt.kind];
  const about = {
    pending: gettext("is being made"),
    issued: receipt.issued_at && moment(receipt.issued_at),
    failed: gettext("could not be made; we are on it"),
    untold: gettext("the payment system makes it and sends it by e-mail"),
  }[receipt.status];
  const link = receipt.url ? h("a.button.button--small", { href: receipt.url, target: "_blank", rel: "noopener noreferrer" }, icon("external-link", "small"), gettext("Open")) : null;
  return h("li.payment", {}, h("span.payment__what", {}, h("strong", {}, title), h("span.small.quiet", {}, about)), link);
}

function refundRow(refund, payment) {
  const [words, tone] = refundStateOf(refund);
  const more = refund.answer || (refund.proof && fill(gettext("Proof: %(proof)s"), { proof: refund.proof }));
  return h(
    "li.payment",
    {},
    h("span.payment__what", {}, h("strong", {}, moment(refund.created_at)), more && h("span.small.quiet.anywhere", {}, more)),
    h(`span.badge${tone ? `.badge--${tone}` : ""}`, {}, words),
    h("span.payment__sum.figures", {}, money(refund.amount, payment.currency, payment.decimals)),
  );
}

function showRefundable(payment) {
  const part = payment.refundable;
  const isPaid = ["paid", "partially_refunded", "disputed"].includes(payment.status);
  $("#refundable-section").hidden = !isPaid;
  $("#refundable-text").textContent = part.explanation;
  $("#refund").hidden = part.why_not !== null;
  if (part.why_not !== null) return;
  const amount = money(part.amount, payment.currency, payment.decimals);
  $("#refund-button").textContent = fill(gettext("Return %(amount)s for %(tokens)s"), { amount, tokens: tokens(part.tokens + part.bonus_tokens) });
  const days = part.gateway_days;
  const travel = days ? fill(ngettext("Then the payment system needs up to %(count)s day.", "Then the payment system needs up to %(count)s days.", days), { count: days }) : "";
  $("#refund-time").textContent = `${promise} ${travel}`.trim();
}

function complain(place, problem) {
  $(place).replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, problem.message)));
}

// --- asking ------------------------------------------------------------------------------------------------
async function look() {
  clearTimeout(timer);
  try {
    const payment = await api.get(`/payments/${id}`);
    show(payment);
    const moving = OPEN.includes(payment.status) || payment.refunds.some((refund) => RETURNING.includes(refund.status));
    if (moving || payment.receipts.some((receipt) => receipt.status === "pending")) timer = setTimeout(again, PAUSES[Math.min(times, PAUSES.length - 1)]);
    return payment;
  } catch (problem) {
    if (problem.status === 404) {
      $("#payment").replaceChildren(
        h("div.empty", {}, icon("search"), h("h1", {}, gettext("There is no such payment, or it is not yours")), h("a.button", { href: address("/wallet") }, gettext("To the wallet"))),
      );
      return null;
    }
    complain("#said", problem);
    timer = setTimeout(again, 5000);
    return null;
  }
}

/** Once, early, the gateway itself is asked: its notification may be late or lost. */
async function again() {
  times += 1;
  const payment = await look();
  if (times === 2 && payment && OPEN.includes(payment.status)) api.post(`/payments/${id}/check`).then(show, () => {});
}

async function check(event) {
  const button = event.currentTarget;
  button.disabled = true;
  $("#said").replaceChildren();
  try {
    const payment = await api.post(`/payments/${id}/check`);
    show(payment);
    if ([...OPEN, "failed", "cancelled", "expired"].includes(payment.status)) {
      const text = gettext("The payment system says that it has not received the money. If it left your account, it usually arrives within minutes: we keep asking by ourselves.");
      $("#said").replaceChildren(h("div.note", {}, icon("info"), h("div", {}, text)));
    }
  } catch (problem) {
    complain("#said", problem);
  }
  button.disabled = false;
}

$("#refund").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = $("#refund-button");
  button.disabled = true;
  $("#refund-said").replaceChildren();
  try {
    await api.post(`/payments/${id}/refund-request`, { reason: $("#refund-reason").value });
    times = 0;
    await look();
    $("#refunds-section").scrollIntoView({ block: "nearest" });
  } catch (problem) {
    complain("#refund-said", problem);
  }
  button.disabled = false;
});

if (api.requireSignIn()) {
  api.get("/gateways").then(({ refunds }) => (promise = promiseOf(refunds)), () => {}).then(look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}
