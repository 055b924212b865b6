// Comparing: one prompt for up to four models, one price on the button, results side by side, and the best of them.

import * as api from "./api.js";
import { inputFor, sharedSettings } from "./comparison.js";
import { $, $$, address, debounced, h, icon, pageData } from "./dom.js";
import { listen } from "./events.js";
import { about, took, tokens } from "./format.js";
import { hasEnded, jobCard, paid, promptOf } from "./job.js";
import * as session from "./session.js";
import { toast } from "./toast.js";
import { fill, gettext, ngettext } from "./words.js";

const models = pageData("models");
const waits = pageData("waits");
const MOST = Number($("#compare").dataset.most);
const asked = new URLSearchParams(location.search);
const words = $("#words");
const whole = new Map(); // models with their forms
const place = { choice: $("#choice"), settings: $("#settings"), columns: $("#columns"), problem: $("#order-problem"), button: $("#send"), price: $("#send-price") };

let kind = "";
let chosen = []; // slugs
let settings = [];
let contenders = []; // { model, column, notes, stage, quote, card }
let choosing = 0;
let pricing = 0;

// --- what is compared ------------------------------------------------------------------------------
function showKind(next, slugs = []) {
  kind = next;
  for (const radio of $$("#kinds input")) radio.checked = radio.value === kind;
  const offered = models.filter((one) => one.modality === kind);
  const known = slugs.filter((slug) => offered.some((one) => one.slug === slug));
  chosen = (known.length ? known : offered.slice(0, 2).map((one) => one.slug)).slice(0, MOST);
  place.choice.replaceChildren(...offered.map(option));
  return chooseModels();
}

function option(one) {
  const box = h("input", { type: "checkbox", value: one.slug, checked: chosen.includes(one.slug) });
  box.addEventListener("change", () => {
    chosen = box.checked ? [...chosen, one.slug] : chosen.filter((slug) => slug !== one.slug);
    chooseModels();
  });
  return h("label.chip", { title: one.description }, box, one.name, h("span.price", {}, one.pricing.summary));
}

async function chooseModels() {
  const turn = (choosing += 1);
  for (const box of $$("input", place.choice)) box.disabled = !box.checked && chosen.length >= MOST;
  $("#chosen-count").textContent = fill(gettext("%(count)s of %(most)s"), { count: chosen.length, most: MOST });
  try {
    await Promise.all(chosen.filter((slug) => !whole.has(slug)).map(async (slug) => whole.set(slug, await api.get(`/models/${slug}`, { anonymous: true }))));
  } catch (problem) {
    if (turn === choosing) complain(problem.message);
    return;
  }
  if (turn !== choosing) return;
  const carried = wantedSettings();
  settings = sharedSettings(chosen.map((slug) => whole.get(slug)));
  place.settings.replaceChildren(...settings.map((one) => settingField(one, carried[one.name])));
  contenders = chosen.map((slug) => contender(whole.get(slug)));
  place.columns.replaceChildren(...contenders.map((one) => one.column));
  changed();
}

function settingField({ name, title, values }, value) {
  const id = `setting-${name}`;
  const choices = values.map((one, index) => h("option", { value: String(index), selected: one.value === value }, one.label));
  return h("div.field", {}, h("label.field__label", { htmlFor: id }, title), h("select.input", { id, dataset: { setting: name }, onchange: changed }, h("option", { value: "" }, gettext("As the model does")), ...choices));
}

function wantedSettings() {
  const given = $$("select", place.settings).filter((select) => select.value !== "");
  return Object.fromEntries(given.map((select) => [select.dataset.setting, settings.find((one) => one.name === select.dataset.setting).values[Number(select.value)].value]));
}

function contender(model) {
  const one = { model, quote: null, refused: false, card: null };
  one.facts = h("p.label__facts");
  one.notes = h("ul.contender__notes", { role: "list" });
  one.stage = h("div.contender__stage");
  one.foot = h("div.row");
  one.column = h("article.contender", { ariaLabel: model.name }, h("h2", {}, model.name), one.facts, one.notes, one.stage, one.foot);
  return one;
}

const note = (text, mark = "wait", symbol = "info") => h("li", { dataset: { kind: mark } }, icon(symbol, "small"), h("span", {}, text));

function showFacts(one) {
  const brief = models.find((candidate) => candidate.slug === one.model.slug);
  const price = one.quote ? tokens(one.quote.tokens) : brief.pricing.summary;
  const receivers = one.model.providers.map((provider) => provider.name).join(", ");
  const wait = about(waits[one.model.slug] ?? one.model.typical_seconds);
  one.facts.replaceChildren(...[price, wait, receivers].map((text) => h("span", {}, text)));
}

// --- the price --------------------------------------------------------------------------------------
const ask = debounced(350, askPrices);

function changed() {
  pricing += 1;
  place.problem.replaceChildren();
  $("#words-error").hidden = true;
  for (const one of contenders) {
    Object.assign(one, { quote: null, refused: false }, inputFor(one.model, words.value.trim(), wantedSettings(), settings));
    one.notes.replaceChildren(...one.lacks.map((text) => note(text)));
    showFacts(one);
  }
  const from = contenders.reduce((sum, one) => sum + one.model.pricing.from_tokens, 0);
  showPrice(contenders.length ? fill(gettext("from %(tokens)s"), { tokens: tokens(from) }) : "");
  if (words.value.trim() && contenders.length && session.isSignedIn()) ask();
}

function showPrice(text) {
  const ready = contenders.filter((one) => !one.refused).length;
  place.price.textContent = text;
  place.button.disabled = ready === 0;
  $("#send-label").textContent = session.isSignedIn() ? fill(ngettext("Create with %(count)s model", "Create with %(count)s models", ready), { count: ready }) : gettext("Sign in and compare");
}

async function askPrices() {
  const those = contenders;
  const turn = (pricing += 1);
  await Promise.all(those.map((one) => quote(one, turn)));
  if (turn === pricing) showTotal();
}

async function quote(one, turn) {
  try {
    const offered = await api.post("/quotes", { model: one.model.slug, input: one.input });
    if (turn === pricing) one.quote = offered;
  } catch (problem) {
    if (turn !== pricing) return;
    one.refused = true;
    const why = (problem.errors ?? []).map((error) => error.detail).join(" ") || problem.message;
    one.notes.append(note(why, "bad", "circle-alert"));
  }
  if (turn === pricing) showFacts(one);
}

function showTotal() {
  const quoted = contenders.filter((one) => one.quote);
  showPrice(quoted.length ? tokens(quoted.reduce((sum, one) => sum + one.quote.tokens, 0)) : "");
}

// --- ordering ---------------------------------------------------------------------------------------
const isFresh = (one) => one.refused || (one.quote && new Date(one.quote.expires_at) - Date.now() > 5000);

async function send() {
  if (place.button.getAttribute("aria-busy") === "true") return;
  if (!session.isSignedIn()) {
    history.replaceState(null, "", `?${new URLSearchParams({ models: chosen.join(","), prompt: words.value.trim() })}`);
    api.goToSignIn();
    return;
  }
  if (!words.value.trim()) {
    $("#words-error").textContent = gettext("This is needed.");
    $("#words-error").hidden = false;
    words.focus();
    return;
  }
  if (!chosen.length) {
    complain(gettext("Choose at least one model."));
    return;
  }
  place.button.setAttribute("aria-busy", "true");
  try {
    await order();
  } catch (problem) {
    complain(problem.message, problem.code === "insufficient_tokens");
  } finally {
    place.button.removeAttribute("aria-busy");
  }
}

/** All or nothing: the balance is looked at before the first is ordered. */
async function order() {
  const seen = place.price.textContent;
  if (!contenders.every(isFresh)) {
    await askPrices();
    if (place.price.textContent !== seen) throw new Error(gettext("The price has changed. Look at the button and press again."));
  }
  const those = contenders.filter((one) => one.quote);
  const total = those.reduce((sum, one) => sum + one.quote.tokens, 0);
  const { available } = await api.get("/balance");
  if (available < total) throw new api.Problem({ code: "insufficient_tokens", detail: fill(gettext("This needs %(total)s, and you have %(available)s."), { total: tokens(total), available: tokens(available) }) });
  await Promise.all(those.map(begin));
  const ids = those.filter((one) => one.card).map((one) => one.card.current().id);
  history.replaceState(null, "", `?of=${ids.join(",")}`);
  for (const one of contenders) one.quote = null;
}

async function begin(one) {
  try {
    follow(one, await api.post("/generations", { quote: one.quote.id }, { headers: { "Idempotency-Key": `compare-${one.quote.id}` } }));
  } catch (problem) {
    one.notes.append(note(problem.message, "bad", "circle-alert"));
  }
}

function complain(text, isPoor = false) {
  const way = isPoor ? h("p", {}, h("a", { href: address("/wallet") }, gettext("To the wallet"))) : null;
  place.problem.replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, h("p", {}, text), way)));
}

// --- results ----------------------------------------------------------------------------------------
function follow(one, generation) {
  one.column.removeAttribute("data-winner");
  one.column.removeAttribute("data-hidden");
  one.card = jobCard(generation, { typicalSeconds: one.model.typical_seconds, ended: () => showEnd(one) });
  one.stage.replaceChildren(one.card.element);
  one.foot.replaceChildren();
  if (hasEnded(generation)) showEnd(one);
}

/** Time and cost of a result, and the choice of the best. */
function showEnd(one) {
  const generation = one.card.current();
  const seconds = generation.started_at && generation.finished_at ? (new Date(generation.finished_at) - new Date(generation.started_at)) / 1000 : null;
  const facts = [paid(generation), seconds === null ? "" : took(seconds)].filter(Boolean);
  one.facts.replaceChildren(...facts.map((text) => h("span", {}, text)));
  if (generation.hidden) one.column.dataset.hidden = "";
  const open = h("a.button.button--small", { href: address(`/g/${generation.id}`) }, gettext("Open"));
  const isWinnable = generation.status === "succeeded" && contenders.length > 1;
  const win = h("button.button.button--small", { type: "button", onclick: () => choose(one) }, icon("check", "small"), gettext("This is the best"));
  one.foot.replaceChildren(...(isWinnable ? [win, open] : [open]));
}

/** The best stays in the history, the others are put away; nothing is deleted. */
async function choose(best) {
  const others = contenders.filter((one) => one !== best && one.card);
  try {
    await setHidden([best], false);
    await setHidden(others, true);
  } catch (problem) {
    toast(problem.message);
    return;
  }
  for (const one of contenders) one.column.toggleAttribute("data-winner", one === best);
  const undo = async () => {
    best.column.removeAttribute("data-winner");
    await setHidden(others, false).catch((problem) => toast(problem.message));
  };
  toast(fill(ngettext("%(name)s is the best. %(count)s other is hidden from the history.", "%(name)s is the best. %(count)s others are hidden from the history.", others.length), { name: best.model.name, count: others.length }), { label: gettext("Undo"), run: undo });
}

async function setHidden(those, hidden) {
  if (!those.length) return;
  await api.post("/generations/hide", { ids: those.map((one) => one.card.current().id), hidden });
  for (const one of those) one.column.toggleAttribute("data-hidden", hidden);
}

/** Back on a comparison of before: its address names the generations. */
async function restore(ids) {
  const found = await Promise.all(ids.map((id) => api.get(`/generations/${id}`)));
  words.value = promptOf(found[0]);
  await showKind(found[0].modality, found.map((generation) => generation.model));
  for (const generation of found) {
    const one = contenders.find((candidate) => candidate.model.slug === generation.model);
    if (one) follow(one, generation);
  }
}

// --- beginning --------------------------------------------------------------------------------------
for (const radio of $$("#kinds input")) radio.addEventListener("change", () => showKind(radio.value));
words.addEventListener("input", changed);
$("#order").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    send();
  }
});

const slugs = (asked.get("models") ?? "").split(",").filter(Boolean).slice(0, MOST);
const first = models.find((one) => one.slug === slugs[0]) ?? models.find((one) => one.modality === asked.get("kind")) ?? models[0];
words.value = asked.get("prompt") ?? "";
if (first) showKind(first.modality, slugs);
if (session.isSignedIn()) {
  const handlers = Object.fromEntries(["status", "progress", "asset"].map((name) => [name, (data) => contenders.find((one) => one.card?.current().id === data.generation)?.card.hear(name, data)]));
  listen(handlers);
  const of = (asked.get("of") ?? "").split(",").filter(Boolean).slice(0, MOST);
  if (of.length) restore(of).catch((problem) => toast(problem.message));
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const { card } of contenders) if (card && !hasEnded(card.current())) card.reload().catch(() => {});
});
