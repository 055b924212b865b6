// Buying tokens: choose how many, choose how, pay on the gateway's page. What cannot be used now is not shown.

import * as api from "./api.js";
import { $, $$, address, filling, h, icon } from "./dom.js";
import { number, tokens } from "./format.js";
import { minorOf, money, promiseOf, symbolOf } from "./money.js";
import { fill, gettext, language, ngettext } from "./words.js";

const FREE = "";
const METHODS = {
  bank_card: () => gettext("bank card"),
  sbp: () => gettext("SBP"),
  sandbox: () => gettext("demonstration, no real money"),
  crypto: () => gettext("cryptocurrency"),
  wallet: () => gettext("e-wallet"),
  t_pay: () => "T-Pay",
  yoo_money: () => "ЮMoney",
  sberbank: () => "SberPay",
  apple_pay: () => "Apple Pay",
  google_pay: () => "Google Pay",
  link: () => "Link",
};
const state = { packages: [], rates: {}, gateways: [], currency: "", chosen: null, way: null };

const priceOf = (one) => one.prices.find((price) => price.currency === state.currency);
const limitsOf = (gateway) => gateway.currencies.find((limits) => limits.currency === state.currency);

function amountNow() {
  if (state.chosen === FREE) return minorOf($("#free-amount").value, state.rates[state.currency]?.decimals);
  const chosen = state.packages.find((one) => one.slug === state.chosen);
  return (chosen && priceOf(chosen)?.amount) ?? null;
}

function decimalsNow() {
  const chosen = state.packages.find((one) => one.slug === state.chosen);
  return (chosen && priceOf(chosen)?.decimals) ?? state.rates[state.currency]?.decimals ?? 2;
}

// --- how many ------------------------------------------------------------------------------------------
function pictures(count) {
  const price = Number($("#buys [data-price]")?.dataset.price ?? 0);
  const made = price ? Math.floor(count / price) : 0;
  return made ? fill(ngettext("about %(count)s picture", "about %(count)s pictures", made), { count: number(made) }) : "";
}

function packageCard(one) {
  const price = priceOf(one);
  const all = one.tokens + one.bonus_tokens;
  const perToken = fill(gettext("%(price)s per token"), {
    price: new Intl.NumberFormat(language, { style: "currency", currency: price.currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 3 }).format(price.amount / 10 ** price.decimals / all),
  });
  const gift = one.bonus_tokens ? h("span.badge.badge--good", {}, fill(gettext("+%(count)s as a gift"), { count: number(one.bonus_tokens) })) : null;
  const best = one.is_featured ? h("span.badge", {}, gettext("Good to start with")) : null;
  return choice("package", one.slug, "package", h("strong.package__tokens.figures", {}, tokens(one.tokens)), h("span.package__price.figures", {}, money(price.amount, price.currency, price.decimals)), h("span.small.quiet", {}, perToken), h("span.small.quiet", {}, pictures(all)), h("span.row.package__marks", {}, gift, best));
}

function choice(name, value, kind, ...content) {
  const input = h("input.visually-hidden", { type: "radio", name, value, onchange: () => choose(name, value) });
  return h(`label.pick.pick--${kind}`, {}, input, ...content);
}

function choose(name, value) {
  if (name === "package") state.chosen = value;
  else state.way = value;
  $("#free").hidden = state.chosen !== FREE;
  if (name === "package" && value === FREE) $("#free-amount").focus();
  showWays();
}

function showPackages() {
  const sold = state.packages.filter(priceOf);
  const cards = sold.map(packageCard);
  if (state.rates[state.currency]) {
    cards.push(choice("package", FREE, "package", h("strong.package__tokens", {}, gettext("Another amount")), h("span.small.quiet", {}, freeLimits())));
  }
  $("#packages").replaceChildren(...cards);
  const known = sold.some((one) => one.slug === state.chosen) || (state.chosen === FREE && state.rates[state.currency]);
  if (!known) state.chosen = (sold.find((one) => one.is_featured) ?? sold[0])?.slug ?? FREE;
  const input = $$("#packages input").find((one) => one.value === state.chosen);
  if (input) input.checked = true;
  $("#free").hidden = state.chosen !== FREE;
  $("#free-limits").textContent = freeLimits();
}

function freeLimits() {
  const rate = state.rates[state.currency];
  if (!rate) return "";
  return fill(gettext("from %(least)s to %(most)s"), {
    least: money(rate.minimum, rate.currency, rate.decimals),
    most: money(rate.maximum, rate.currency, rate.decimals),
  });
}

$("#free-amount").addEventListener("input", () => showWays());

// --- how to pay ----------------------------------------------------------------------------------------
function usable() {
  const amount = amountNow();
  return state.gateways.filter((gateway) => {
    const limits = limitsOf(gateway);
    return limits && (amount === null || (amount >= limits.minimum && amount <= limits.maximum));
  });
}

function showWays() {
  const ways = usable();
  if (!ways.some((gateway) => gateway.slug === state.way)) state.way = ways[0]?.slug ?? null;
  $("#ways").replaceChildren(
    ...ways.map((gateway) => {
      const methods = gateway.methods.map((method) => METHODS[method]?.() ?? method).join(", ");
      return choice("gateway", gateway.slug, "way", h("strong", {}, gateway.name), h("span.small.quiet", {}, methods));
    }),
  );
  const input = $$("#ways input").find((one) => one.value === state.way);
  if (input) input.checked = true;
  if (!ways.length) $("#ways").replaceChildren(h("p.small.quiet", {}, gettext("This amount cannot be paid here. Choose another one.")));
  showButton();
}

function showButton() {
  const amount = amountNow();
  const rate = state.rates[state.currency];
  const isOutside = state.chosen === FREE && (amount === null || amount < rate?.minimum || amount > rate?.maximum);
  const bought = state.chosen === FREE && !isOutside && rate ? Math.floor((amount * 1000) / rate.per_thousand) : 0;
  $("#free-tokens").textContent = bought ? tokens(bought) : "";
  $("#pay").disabled = state.way === null || amount === null || isOutside;
  $("#pay").textContent = amount === null || isOutside ? gettext("Pay") : fill(gettext("Pay %(amount)s"), { amount: money(amount, state.currency, decimalsNow()) });
}

// --- currency ------------------------------------------------------------------------------------------
function showCurrencies() {
  const known = [...new Set(state.gateways.flatMap((gateway) => gateway.currencies.map((limits) => limits.currency)))];
  const sold = known.filter((currency) => state.rates[currency] || state.packages.some((one) => one.prices.some((price) => price.currency === currency)));
  const own = language === "ru" ? "RUB" : "USD";
  if (!sold.includes(state.currency)) state.currency = sold.includes(own) ? own : (sold[0] ?? "");
  $("#currencies").hidden = sold.length < 2;
  $("#currencies").replaceChildren(
    ...sold.map((currency) =>
      h("button", {
        type: "button",
        ariaPressed: String(currency === state.currency),
        ariaLabel: currency,
        onclick: () => {
          state.currency = currency;
          showAll();
        },
      }, symbolOf(currency)),
    ),
  );
}

function showAll() {
  showCurrencies();
  const isOpen = state.gateways.length > 0 && state.currency !== "";
  $("#buy").hidden = !isOpen;
  if (!isOpen) {
    $("#buy-section").append(h("div.note", {}, icon("info"), h("div", {}, gettext("No way to pay is open at this moment."))));
    return;
  }
  showPackages();
  showWays();
}

// --- the purchase ----------------------------------------------------------------------------------------
$("#buy").addEventListener("submit", async (event) => {
  event.preventDefault();
  const order = { gateway: state.way, currency: state.currency };
  if (state.chosen === FREE) order.amount = amountNow();
  else order.package = state.chosen;
  if ($("#promo").value.trim()) order.promo_code = $("#promo").value.trim();
  if ($("#receipt-email").value.trim()) order.email = $("#receipt-email").value.trim();
  const button = $("#pay");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  $("#buy-problem").replaceChildren();
  try {
    const payment = await api.post("/payments", order);
    // Some payment systems send people back to one address for all languages.
    localStorage.setItem("nb.language", language);
    location.assign(payment.redirect_url ?? address(`/wallet/payments/${payment.id}`));
  } catch (problem) {
    const detail = problem.errors[0]?.detail ?? problem.message;
    if (problem.errors[0]?.pointer === "/email") $("#more-fold").open = true;
    $("#buy-problem").replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, detail)));
    button.removeAttribute("aria-busy");
    showButton();
  }
});

if (api.requireSignIn()) {
  const offered = filling("#packages", () => Promise.all([api.get("/packages"), api.get("/gateways")]));
  offered.then(
    ([offers, ways]) => {
      state.packages = offers.packages;
      state.rates = Object.fromEntries(offers.free_amounts.map((rate) => [rate.currency, rate]));
      state.gateways = ways.gateways;
      $("#vat-note").textContent = offers.vat_note;
      $("#refund-promise").textContent = promiseOf(ways.refunds);
      showAll();
    },
    (problem) => $("#packages").replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, problem.message))),
  );
}
// A page that comes back from the browser's memory still shows the button as it was left.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  $("#pay").removeAttribute("aria-busy");
  showButton();
});
