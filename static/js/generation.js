// One generation, large: the result, everything about it, and what can be done with it.

import * as api from "./api.js";
import { downloadZip } from "./archive.js";
import { $, address, h, icon, pageData } from "./dom.js";
import { listen } from "./events.js";
import { WORDS } from "./fields.js";
import { bytes, day, length, moment, timeOfDay, took, tokens } from "./format.js";
import { hasEnded, jobCard, paid, promptOf, statusBadge } from "./job.js";
import { shareButton } from "./share.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const models = pageData("models");
const providers = pageData("providers");
const id = $("#work").dataset.generation;
let card = null;
let properties = null; // of the model's form, for the names of settings

function show(generation) {
  if (card) card.update(generation);
  else {
    const typicalSeconds = models.find((model) => model.slug === generation.model)?.typical_seconds;
    card = jobCard(generation, { typicalSeconds, isLarge: true, ended: reload });
    $("#media").replaceChildren(card.element);
  }
  $("#prompt").textContent = promptOf(generation);
  $("#status").replaceChildren(statusBadge(generation));
  $("#actions").replaceChildren(...actions(generation));
  $("#quiet-actions").replaceChildren(...quietActions(generation));
  $("#facts").replaceChildren(...pairs(facts(generation)));
  showSettings(generation);
}

async function showSettings(generation) {
  properties ??= (await api.get(`/models/${generation.model}`, { anonymous: true }).catch(() => null))?.input_schema.properties ?? {};
  const settings = settingsOf(generation);
  $("#settings").replaceChildren(...pairs(settings));
  $("#settings-fold").hidden = settings.length === 0;
}

const providerName = (slug) => providers[slug] ?? slug;

const pairs = (rows) => rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);

function facts(generation) {
  const model = models.find((one) => one.slug === generation.model);
  const asset = generation.assets[0];
  const seconds = generation.finished_at && generation.started_at ? (new Date(generation.finished_at) - new Date(generation.started_at)) / 1000 : null;
  const size = asset ? [asset.width && `${asset.width} × ${asset.height}`, asset.seconds && length(asset.seconds), bytes(asset.bytes)].filter(Boolean).join(" · ") : "";
  return [
    [gettext("Price"), paid(generation)],
    [gettext("Model"), model ? h("a", { href: address(`/models/${model.slug}`) }, model.name) : generation.model],
    [gettext("Prompt went to"), providerName(generation.provider)],
    [gettext("Ordered"), moment(generation.created_at)],
    [gettext("Took"), seconds === null ? "" : took(seconds)],
    [gettext("File"), size],
    [gettext("Kept until"), asset?.expires_at ? day(asset.expires_at) : ""],
    [gettext("Ordered from"), { web: gettext("the site"), api: gettext("the API"), mcp: "MCP" }[generation.source]],
  ];
}

function settingsOf(generation) {
  return Object.entries(generation.input)
    .filter(([name]) => !WORDS.includes(name))
    .map(([name, value]) => [properties[name]?.title ?? name, written(properties[name], value)]);
}

function written(property, value) {
  if (typeof value === "boolean") return value ? gettext("yes") : gettext("no");
  if (value !== null && typeof value === "object") {
    if (value.upload || value[0]?.upload) return gettext("your file");
    if (value.asset) return gettext("a result of yours");
    if (Array.isArray(value)) return value.map((row) => Object.values(row).join(": ")).join("\n");
    return Object.entries(value).map(([name, inner]) => `${property?.properties?.[name]?.title ?? name}: ${written(property?.properties?.[name], inner)}`).join(", ");
  }
  return String(property?.["x-labels"]?.[String(value)] ?? value);
}

// --- what can be done -------------------------------------------------------------------------------
function actions(generation) {
  const isOne = generation.assets.length === 1;
  const downloads = generation.assets.map((asset, index) =>
    h(`a.button${isOne ? ".button--main" : ""}`, { href: asset.download_url ?? asset.url, download: "" }, icon("download", "small"), isOne ? gettext("Download") : fill(gettext("Download %(number)s"), { number: index + 1 })),
  );
  if (downloads.length > 1) downloads.unshift(action("download", gettext("Download all"), () => attempt(() => downloadZip([id])), "main"));
  const offered = models.some((model) => model.slug === generation.model);
  const usable = generation.assets.some((asset) => asset.kind !== "text");
  return [
    ...downloads,
    shareButton(generation),
    offered && hasEnded(generation) ? h("a.button", { href: `${address(`/create/${generation.model}`)}?from=${generation.id}` }, icon("rotate-ccw", "small"), gettext("Same settings")) : null,
    usable ? h("a.button", { href: `${address("/create")}?use=${generation.id}` }, icon("image-plus", "small"), gettext("Use as input")) : null,
    generation.status === "failed" || generation.status === "cancelled" ? action("refresh-cw", retryLabel(generation), retry) : null,
    hasEnded(generation) ? null : action("refresh-cw", gettext("Check now"), check),
  ].filter(Boolean);
}

const retryLabel = (generation) => fill(gettext("Try again · %(price)s"), { price: tokens(generation.tokens.quoted) });

function quietActions(generation) {
  return [
    generation.hidden ? action("eye", gettext("Show in the history"), () => setHidden(false), "plain") : action("eye-off", gettext("Hide from the history"), () => setHidden(true), "plain"),
    hasEnded(generation) ? action("trash-2", gettext("Delete"), async () => $("#delete-dialog").showModal(), "plain") : null,
  ].filter(Boolean);
}

function action(symbol, label, run, kind = "") {
  const button = h(`button.button${kind ? `.button--${kind}` : ""}`, { type: "button" }, icon(symbol, "small"), label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await run();
    button.disabled = false;
  });
  return button;
}

async function attempt(run) {
  try {
    await run();
  } catch (problem) {
    complain(problem);
  }
}

function complain(problem) {
  $("#work-problem").replaceChildren(h("div.note.note--bad.section-gap-small", {}, icon("circle-alert"), h("div", {}, problem.message)));
}

const retry = () =>
  attempt(async () => {
    const started = await api.post(`/generations/${id}/retry`);
    location.assign(address(`/g/${started.id}`));
  });

const check = () =>
  attempt(async () => {
    show(await api.post(`/generations/${id}/check`));
  });

const setHidden = (hidden) =>
  attempt(async () => {
    await api.post(`/generations/${id}/${hidden ? "hide" : "unhide"}`);
    await reload();
    toast(hidden ? gettext("Hidden from the history") : gettext("Shown in the history"), { label: gettext("Undo"), run: () => setHidden(!hidden) });
  });

$("#delete-dialog").addEventListener("close", async ({ target }) => {
  if (target.returnValue !== "delete") return;
  target.returnValue = "";
  await attempt(async () => {
    await api.remove(`/generations/${id}`);
    location.replace(address("/history"));
  });
});

// --- the story in plain words ------------------------------------------------------------------------
function told(step) {
  if (step.kind === "sent") return fill(gettext("The prompt went to %(provider)s"), { provider: providerName(step.provider) });
  return {
    queued: gettext("Ordered, tokens set aside"),
    running: gettext("The model took it up"),
    saving: gettext("The model is done; we are saving the files"),
    succeeded: gettext("Files saved and checked, tokens taken"),
    failed: gettext("It did not work out, tokens came back"),
    cancelled: gettext("Cancelled, tokens came back"),
  }[step.what];
}

async function showStory() {
  const { steps } = await api.get(`/generations/${id}/story`);
  $("#story").replaceChildren(...steps.filter(told).map((step) => h("li", {}, h("time", { dateTime: step.at }, timeOfDay(step.at)), h("span", {}, told(step)))));
}

async function reload() {
  show(await api.get(`/generations/${id}`));
  if ($("#story-fold").open) await showStory();
}

if (api.requireSignIn()) {
  try {
    const generation = await api.get(`/generations/${id}`);
    $("#story-fold").addEventListener("toggle", ({ target }) => target.open && attempt(showStory));
    show(generation);
    if (generation.status === "failed") $("#story-fold").open = true;
    listen(Object.fromEntries(["status", "progress"].map((name) => [name, (data) => card.hear(name, data)])));
  } catch (problem) {
    $("#work").hidden = true;
    $("#work-problem").replaceChildren(
      h("div.empty", {}, icon("search"), h("h1", {}, problem.status === 404 ? gettext("There is no such result, or it is not yours") : problem.message), h("a.button", { href: address("/history") }, gettext("To the history"))),
    );
  }
}
