// Sums of money as the reader writes them. The API speaks in minor units.

import { fill, gettext, language } from "./words.js";

/** «1 250 ₽», «14,99 $»: decimals only where there are some. */
export function money(minor, currency, decimals = 2) {
  const value = minor / 10 ** decimals;
  const whole = Number.isInteger(value);
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: whole ? 0 : decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

/** What a person typed, in minor units; null when it is no sum. */
export function minorOf(text, decimals = 2) {
  const clean = text.replaceAll(/[\s\u00a0]/g, "").replace(",", ".");
  const [whole, part = ""] = clean.split(".");
  if (!/^\d+(\.\d+)?$/.test(clean) || whole.length > 12 || part.length > decimals) return null;
  return Math.round(Number(clean) * 10 ** decimals);
}

export const symbolOf = (currency) =>
  new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" })
    .formatToParts(0)
    .find((part) => part.type === "currency").value;

const STATES = {
  created: () => [gettext("Being prepared"), "wait"],
  pending: () => [gettext("Waits for the payment"), "wait"],
  paid: () => [gettext("Paid"), "good"],
  failed: () => [gettext("Did not go through"), "bad"],
  cancelled: () => [gettext("Cancelled"), ""],
  expired: () => [gettext("Ran out of time"), ""],
  refunded: () => [gettext("Returned"), ""],
  partially_refunded: () => [gettext("Returned in part"), ""],
  disputed: () => [gettext("Disputed"), "bad"],
};

/** The status in words, and its tone: good, wait, bad or none. */
export const stateOf = (payment) => STATES[payment.status]();

const REFUND_STATES = {
  requested: () => [gettext("We are looking at it"), "wait"],
  approved: () => [gettext("Approved, on its way"), "wait"],
  sent: () => [gettext("Sent, the payment system is working on it"), "wait"],
  succeeded: () => [gettext("Returned"), "good"],
  failed: () => [gettext("Did not go through, the tokens are back"), "bad"],
  rejected: () => [gettext("Declined, the tokens are back"), "bad"],
};

export const refundStateOf = (refund) => REFUND_STATES[refund.status]();

/** When refunds are handled, and how it has been. */
export function promiseOf(refunds) {
  const promised = fill(gettext("Refunds are handled within %(hours)s hours."), { hours: refunds.promised_hours });
  if (refunds.median_hours === null) return promised;
  const been = fill(gettext("In the last 90 days half of them took less than %(hours)s h."), {
    hours: new Intl.NumberFormat(language).format(Math.max(0.1, refunds.median_hours)),
  });
  return `${promised} ${been}`;
}
