// A generation on the screen: stages, time left and the way out while it runs; the result or the reason afterwards.

import * as api from "./api.js";
import { downloadZip } from "./archive.js";
import { address, h, icon } from "./dom.js";
import { about, timeOfDay, tokens } from "./format.js";
import { viewer } from "./media.js";
import { shareButton } from "./share.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const ENDED = new Set(["succeeded", "failed", "cancelled"]);
const STEPS = ["queued", "running", "saving"];
const STEP_NAMES = {
  queued: () => gettext("In line"),
  running: () => gettext("At the model"),
  saving: () => gettext("Saving"),
};

export const hasEnded = (generation) => ENDED.has(generation.status);

/** The name of a status for badges: [text, kind of badge, icon]. */
export function statusBadge(generation) {
  const [text, kind, symbol] = {
    queued: [gettext("In line"), "wait", "clock"],
    running: [gettext("Working"), "wait", "clock"],
    saving: [gettext("Saving"), "wait", "clock"],
    succeeded: [gettext("Done"), "good", "circle-check"],
    failed: [gettext("Did not work out"), "bad", "circle-alert"],
    cancelled: [gettext("Cancelled"), "plain", "ban"],
  }[generation.status];
  return h(`span.badge.badge--${kind}`, {}, icon(symbol, "small"), text);
}

/** What was paid, in one phrase. */
export function paid(generation) {
  const { quoted, captured } = generation.tokens;
  if (!hasEnded(generation)) return fill(gettext("%(tokens)s set aside"), { tokens: tokens(quoted) });
  if (captured === 0) return quoted ? fill(gettext("%(tokens)s came back"), { tokens: tokens(quoted) }) : gettext("Free");
  return tokens(captured);
}

/** The words that a generation was made from. */
export const promptOf = ({ input }) => input.prompt ?? input.script ?? input.lyrics ?? input.dialogue?.map((line) => line.text).join(" — ") ?? input.style ?? "";

/**
 * A card that follows its generation. `update(generation)` draws anew, `hear(name, data)` takes an event of the stream.
 * `foot(generation)` makes the actions under a result; `large` shows originals instead of thumbnails.
 */
export function jobCard(generation, { foot, typicalSeconds = 0, isLarge = false, ended = () => {} } = {}) {
  const element = h("article.job", { dataset: { generation: generation.id } });
  let current = generation;
  let clock = 0;

  function update(next) {
    current = next;
    clearInterval(clock);
    if (hasEnded(next)) element.replaceChildren(...result(next, { foot, isLarge }));
    else {
      const waiting = waitingCard(next, { cancel, typicalSeconds });
      element.replaceChildren(waiting.element);
      clock = setInterval(waiting.tick, 1000, next);
    }
  }

  async function reload() {
    const wasOver = hasEnded(current);
    update(await api.get(`/generations/${current.id}`));
    if (!wasOver && hasEnded(current)) ended(current);
  }

  async function cancel(button, problem) {
    button.disabled = true;
    try {
      update(await api.post(`/generations/${current.id}/cancel`));
    } catch (error) {
      button.disabled = false;
      problem.textContent = error.message;
    }
  }

  function hear(name, data) {
    if (data.generation !== current.id || hasEnded(current)) return;
    if (name === "progress") update({ ...current, progress: data.progress ?? current.progress, stage: data.stage ?? "" });
    else if (name === "status" && ENDED.has(data.status)) reload();
    else if (name === "status") {
      const known = Object.fromEntries(Object.entries(data).filter(([key, value]) => value !== null && ["status", "queue_position", "estimated_finish_at"].includes(key)));
      update({ ...current, ...known });
    }
  }

  update(generation);
  return { element, update, hear, reload, current: () => current };
}

function waitingCard(generation, { cancel, typicalSeconds }) {
  const at = STEPS.indexOf(generation.status);
  const steps = STEPS.map((step, index) =>
    h("li", { dataset: { step: index < at ? "done" : index === at ? "now" : "later" }, ariaCurrent: index === at ? "step" : null }, STEP_NAMES[step]()),
  );
  const left = h("span.quiet");
  const problem = h("span.field__error", { role: "alert" });
  const button = h("button.button.button--small", { type: "button", onclick: () => cancel(button, problem) }, icon("x", "small"), gettext("Cancel"));
  const bar = h("progress", { max: 1, ariaLabel: gettext("Progress") });
  if (generation.status === "running" && generation.progress > 0) bar.value = generation.progress;
  else if (generation.status === "saving") bar.value = 0.97;
  else bar.value = 0.02;
  const element = h(
    "div.job__waiting",
    {},
    promptOf(generation) ? h("p.clamp", {}, promptOf(generation)) : null,
    h("ol.steps", { role: "list" }, ...steps),
    bar,
    h("div.job__line", {}, left, h("span.row", {}, h("span.quiet.figures", {}, paid(generation)), button)),
    problem,
  );
  const tick = (now) => {
    left.textContent = timeLeft(now, typicalSeconds);
  };
  tick(generation);
  return { element, tick };
}

/** From the server's estimate; before there is one, from what the model usually takes. */
function timeLeft(generation, typicalSeconds) {
  if (generation.status === "queued" && generation.queue_position > 1) {
    return fill(gettext("Number %(place)s in line"), { place: generation.queue_position });
  }
  const usual = new Date(new Date(generation.created_at).getTime() + typicalSeconds * 1000);
  const seconds = (new Date(generation.estimated_finish_at ?? usual) - Date.now()) / 1000;
  if (seconds > 1) return fill(gettext("%(time)s left"), { time: about(seconds) });
  const deadline = timeOfDay(generation.deadline);
  return fill(gettext("Longer than usual. If it is not there by %(time)s, the tokens come back"), { time: deadline });
}

function result(generation, { foot, isLarge }) {
  const prompt = promptOf(generation);
  const parts = [];
  if (generation.assets.length) {
    const media = generation.assets.map((asset) => viewer(asset, { prompt, isLarge: isLarge || generation.assets.length === 1 }));
    parts.push(h(`div.job__media${{ 1: ".job__media--one", 4: ".job__media--four" }[media.length] ?? ""}`, {}, ...media));
  }
  if (generation.status === "failed") parts.push(failure(generation));
  if (generation.status === "cancelled" && !generation.assets.length) {
    parts.push(h("div.note", {}, icon("ban"), h("div", {}, fill(gettext("Cancelled, %(paid)s."), { paid: paid(generation) }))));
  }
  if (foot) parts.push(foot(generation));
  return parts;
}

function failure(generation) {
  const { error, tokens: amounts } = generation;
  const title = error?.title ?? gettext("Did not work out");
  const refund = amounts.captured === 0 ? fill(gettext("%(tokens)s came back"), { tokens: tokens(amounts.quoted) }) : "";
  const facts = h("p.label__facts", {}, h("span", {}, refund));
  return h("div.note.note--bad", { role: "status" }, icon("circle-alert"), h("div", {}, h("strong", {}, title), h("p", {}, error?.detail ?? ""), facts));
}

function download({ id, assets: [asset, ...others] }) {
  if (!asset) return null;
  const symbol = icon("download", "small");
  if (!others.length) return h("a.button.button--small", { href: asset.download_url ?? asset.url, download: "" }, symbol, gettext("Download"));
  const begin = () => downloadZip([id]).catch((problem) => toast(problem.message));
  return h("button.button.button--small", { type: "button", onclick: begin }, symbol, gettext("Download all"));
}

/** Prompt, facts and the usual actions under a result on the stage. */
export function stageFoot(generation, names, { reuse }) {
  const facts = [names.get(generation.model) ?? generation.model, paid(generation)];
  return h(
    "div.job__foot",
    {},
    h("div", {}, h("p.clamp.clamp--3", {}, promptOf(generation)), h("p.label__facts", {}, ...facts.map((fact) => h("span", {}, fact)))),
    h(
      "div.row",
      {},
      download(generation),
      shareButton(generation, "small"),
      h("button.button.button--small", { type: "button", onclick: () => reuse(generation) }, icon("rotate-ccw", "small"), gettext("Same settings")),
      h("a.button.button--small", { href: address(`/g/${generation.id}`) }, gettext("Open")),
    ),
  );
}
