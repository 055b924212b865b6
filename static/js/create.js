// The studio: choose a kind and a model, fill its form, see the price on the button, follow what was ordered.

import * as api from "./api.js";
import { $, $$, address, centre, debounced, h, icon, pageData } from "./dom.js";
import { listen } from "./events.js";
import { buildForm } from "./form.js";
import { about, tokens } from "./format.js";
import { choosePicker } from "./picker.js";
import { hasEnded, jobCard, promptOf, stageFoot } from "./job.js";
import { presetsBox } from "./presets.js";
import * as session from "./session.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const models = pageData("models");
const waits = pageData("waits"); // seconds by our own jobs, of the models that have enough
const countries = pageData("countries");
const names = new Map(models.map((model) => [model.slug, model.name]));
const wanted = new URLSearchParams(location.search);
const button = $("#send");
const isNarrow = matchMedia("(max-width: 61.99rem)");
const place = { price: $("#send-price"), facts: $("#send-facts"), problem: $("#order-problem"), examples: $("#examples") };

let model = null;
let form = null;
let quote = null;
let quoting = null;
let choosing = 0;
const whole = new Map(); // models with their forms, by slug, as far as they were needed
const drafts = new Map(); // what was typed for each model, kept while the page is open

// --- kinds and models ----------------------------------------------------------------------------
const picker = choosePicker(models, pageData("tasks"), { chosen: (one) => chooseModel(one) });

const presets = presetsBox({
  read: () => form.read(),
  apply(settings) {
    form.fill(settings);
    changed();
  },
});

function ofKind(kind) {
  return models.filter((one) => one.modality === kind);
}

function chooseKind(kind, slug = null) {
  const choices = ofKind(kind);
  return chooseModel(choices.find((one) => one.slug === slug) ?? choices[0]);
}

/** The model with its form: fetched once, when somebody chooses it. */
async function fetched(slug) {
  if (!whole.has(slug)) whole.set(slug, await api.get(`/models/${slug}`, { anonymous: true }));
  return whole.get(slug);
}

async function chooseModel(brief) {
  if (!brief) return;
  const turn = (choosing += 1);
  for (const radio of $$("#kinds input")) radio.checked = radio.value === brief.modality;
  const kind = $("#kinds :checked");
  if (kind) centre($("#kinds"), kind.parentElement);
  picker.show(brief);
  $("#picker-name").textContent = brief.name;
  $("#picker-facts").textContent = `${brief.pricing.summary} · ${about(waits[brief.slug] ?? brief.typical_seconds)}`;
  let next;
  try {
    next = await fetched(brief.slug);
  } catch (problem) {
    if (turn === choosing) complain(problem);
    return;
  }
  if (turn === choosing) showModel(next);
}

function showModel(next) {
  const carried = form ? form.read() : {};
  const words = form?.words();
  const before = model?.input_schema.properties ?? {};
  if (model) drafts.set(model.slug, carried);
  model = next;
  form = buildForm(model.input_schema, { slug: model.slug, changed });
  $("#fields").replaceChildren(form.element);
  form.fill({ ...shared(carried, before), ...(drafts.get(model.slug) ?? {}) });
  if (words && !form.words()) form.say(words);
  presets.show(model.slug);
  place.facts.replaceChildren(...facts());
  showExamples();
  const path = address(`/create/${model.slug}`);
  if (location.pathname !== path) history.replaceState(null, "", path);
  changed();
}

/** Who receives the prompt, and how long it usually takes. */
function facts() {
  const measured = waits[model.slug];
  const wait = measured
    ? fill(gettext("Usually %(time)s, by our jobs of the last day."), { time: about(measured) })
    : fill(gettext("How long it usually takes: not enough data. Expected %(time)s."), { time: about(model.typical_seconds) });
  const [first, ...others] = model.providers.map(receiver);
  const instead = others.length ? [gettext("; if that fails, to "), ...others.flatMap((one, index) => (index ? [", ", one] : [one]))] : [];
  return [h("p", {}, gettext("Your prompt goes to "), first, ...instead, "."), h("p", {}, `${wait} ${gettext("What does not work out costs nothing.")}`)];
}

function receiver(provider) {
  const seat = provider.slug === "offline" ? "" : (countries[provider.country] ?? gettext("it does not name its country"));
  const more = [provider.company === provider.name ? "" : provider.company, seat].filter(Boolean).join(", ");
  const name = provider.privacy_policy
    ? h("a", { href: provider.privacy_policy, rel: "noreferrer noopener", title: gettext("Privacy policy") }, provider.name)
    : provider.name;
  return h("span", {}, name, more ? ` (${more})` : "");
}

/** The words go along to another model, and settings that somebody chose, where it has the same ones. */
function shared(values, before) {
  const known = Object.entries(values).filter(([name, value]) => {
    const property = model.input_schema.properties[name];
    return property && value !== before[name]?.default && name !== "simulate" && typeof value !== "object" && !property["x-choices"] && allows(property, value);
  });
  return Object.fromEntries(known);
}

const allows = ({ enum: values, minimum, maximum, maxLength }, value) =>
  (values?.includes(value) ?? true) && !(value < minimum) && !(value > maximum) && !(value.length > maxLength);

function showExamples() {
  const ideas = model.examples.filter((example) => promptOf(example) || Object.keys(example.input).length);
  place.examples.replaceChildren(
    ...(ideas.length ? [h("h2", {}, gettext("Where to begin")), h("ul", { role: "list" }, ...ideas.slice(0, 4).map((example) => h("li", {}, idea(example))))] : []),
  );
}

function idea(example) {
  const use = () => {
    form.fill(example.input);
    changed();
    form.focusWords();
  };
  return h("button.idea", { type: "button", onclick: use }, h("span", {}, promptOf(example) || example.title), icon("arrow-right"));
}

// --- the price -----------------------------------------------------------------------------------
const ask = debounced(300, askPrice);

function changed() {
  quote = null;
  quoting?.abort();
  place.problem.replaceChildren();
  form.showErrors([]);
  if (!session.isSignedIn() || form.isBusy() || form.missing().length) showPrice(model.pricing.summary);
  else {
    showPrice("…");
    ask();
  }
}

function showPrice(text) {
  place.price.textContent = text;
  $("#send-label").textContent = session.isSignedIn() ? gettext("Create") : gettext("Sign in and create");
}

async function askPrice() {
  if (form.missing().length) return;
  quoting = new AbortController();
  try {
    quote = await api.post("/quotes", { model: model.slug, input: form.read() }, { signal: quoting.signal });
    showPrice(tokens(quote.tokens));
    button.title = quote.breakdown.map((row) => `${row.label}: ${row.tokens}`).join("\n");
  } catch (problem) {
    if (problem.name === "AbortError") return;
    showPrice(model.pricing.summary);
    form.showErrors(problem.errors ?? []);
  }
}

// --- ordering ------------------------------------------------------------------------------------
async function send() {
  if (!form) return;
  if (button.getAttribute("aria-busy") === "true") return;
  if (!session.isSignedIn()) {
    const prompt = form.words();
    history.replaceState(null, "", address(`/create/${model.slug}`) + (prompt ? `?prompt=${encodeURIComponent(prompt)}` : ""));
    api.goToSignIn();
    return;
  }
  if (form.isBusy()) return complain({ message: gettext("A file is still on its way. One moment.") });
  const missing = form.missing();
  if (missing.length) {
    form.showErrors(missing.map((name) => ({ pointer: `/input/${name}`, detail: gettext("This is needed.") })));
    form.focusFirstError();
    return;
  }
  button.setAttribute("aria-busy", "true");
  place.problem.replaceChildren();
  try {
    await order();
  } catch (problem) {
    const left = form.showErrors(problem.errors ?? []);
    if (!problem.errors?.length || left.length) complain(problem, left);
    else form.focusFirstError();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function order() {
  const seen = quote;
  if (!quote || new Date(quote.expires_at) - Date.now() < 5000) await freshQuote();
  if (seen && quote.tokens > seen.tokens) throw new api.Problem({ title: gettext("The price has changed"), detail: gettext("The price has changed. Look at the button and press again.") });
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const started = await persistent(() => api.post("/generations", { quote: quote.id }, { headers: { "Idempotency-Key": key } }));
  quote = null;
  follow(started, { isNew: true });
  changed();
}

async function freshQuote() {
  quote = await api.post("/quotes", { model: model.slug, input: form.read() });
  showPrice(tokens(quote.tokens));
}

/** A lost answer is asked for again with the same key: nothing is ordered twice. */
async function persistent(run) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (problem) {
      if (problem.code !== "offline" || attempt === 3) throw problem;
      await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
    }
  }
}

function complain(problem, left = []) {
  const more = left.map((error) => error.detail).join(" ");
  const way = problem.code === "insufficient_tokens" ? h("p", {}, h("a", { href: address("/wallet") }, gettext("To the wallet"))) : null;
  place.problem.replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, h("p", {}, [problem.message, more].filter(Boolean).join(" ")), way)));
  // On a phone the button is always in reach, and what is said above it may be far below.
  if (isNarrow.matches) place.problem.scrollIntoView({ block: "center" });
}

// --- the stage -----------------------------------------------------------------------------------
const jobs = new Map();

/** Once each: what was just ordered may also be among what was already running when the page opened. */
function follow(generation, { isNew = false } = {}) {
  if (jobs.has(generation.id)) return;
  const typicalSeconds = models.find((one) => one.slug === generation.model)?.typical_seconds;
  const card = jobCard(generation, { foot: (done) => stageFoot(done, names, { reuse }), typicalSeconds, ended });
  jobs.set(generation.id, card);
  $("#stage-idle").hidden = true;
  $("#jobs").prepend(card.element);
  if (isNew && isNarrow.matches) $("#stage").scrollIntoView({ block: "start" });
}

function ended(generation) {
  if (!document.hidden) return;
  document.title = `${generation.status === "succeeded" ? gettext("Done") : gettext("Did not work out")} · NeuralBox`;
}

async function reuse(generation) {
  const one = models.find((candidate) => candidate.slug === generation.model);
  if (!one) return toast(gettext("This model is not offered any more."));
  await chooseModel(one);
  form.fill(generation.input);
  changed();
  form.focusWords();
  return undefined;
}

async function restore() {
  const running = await api.get("/generations?status=queued,running,saving&page_size=10");
  for (const generation of running.results.reverse()) follow(generation);
}

/** A result of before as the first file of this form, or of the first model that takes such a file. */
async function useResult(id) {
  const generation = await api.get(`/generations/${id}`);
  const asset = generation.assets[0];
  const taking = () => Object.entries(model.input_schema.properties).find(([, property]) => fits(property, asset.kind));
  if (asset && !taking()) {
    const target = models.find((one) => one.takes.includes(asset.kind));
    if (target) await chooseModel(target);
  }
  if (!asset || !taking()) return toast(gettext("No model takes this kind of file."));
  const blob = await (await fetch(asset.url)).blob();
  const extension = asset.mime.split("/")[1];
  form.field(taking()[0]).fill(new File([blob], `${generation.model}-${id.slice(0, 8)}.${extension}`, { type: asset.mime }));
  return undefined;
}

const fits = (property, kind) => [(property.items ?? property)["x-accept"] ?? []].flat().includes(kind);

// --- beginning -----------------------------------------------------------------------------------
async function begin() {
  const first = pageData("first");
  if (!first) return;
  whole.set(first.slug, first);
  await chooseModel(models.find((one) => one.slug === first.slug));
  const example = model.examples[Number(wanted.get("example") ?? -1)];
  if (example) form.fill(example.input);
  if (wanted.get("prompt")) form.say(wanted.get("prompt"));
  changed();
  if (!session.isSignedIn()) return;
  const handlers = Object.fromEntries(["status", "progress", "asset"].map((name) => [name, (data) => jobs.get(data.generation)?.hear(name, data)]));
  listen(handlers);
  restore().catch(() => {});
  if (wanted.get("from")) api.get(`/generations/${wanted.get("from")}`).then(reuse, (problem) => toast(problem.message));
  if (wanted.get("use")) useResult(wanted.get("use")).catch((problem) => toast(problem.message));
}

for (const radio of $$("#kinds input")) radio.addEventListener("change", () => chooseKind(radio.value));
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
// Coming back to a sleeping tab: what ended meanwhile is fetched.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  document.title = `${gettext("Create")} · NeuralBox`;
  for (const card of jobs.values()) if (!hasEnded(card.current())) card.reload().catch(() => {});
});
begin();
