// The history: a grid with its filters and its place in the address, many at once, and news as it comes.

import * as api from "./api.js";
import { downloadZip } from "./archive.js";
import { $, $$, address, debounced, h, icon, pageData } from "./dom.js";
import { listen } from "./events.js";
import { ago, bytes } from "./format.js";
import { hasEnded, paid, promptOf, statusBadge } from "./job.js";
import { mark, modalityIcon } from "./media.js";
import { sure } from "./sure.js";
import { toast } from "./toast.js";
import { fill, gettext, ngettext } from "./words.js";

const PAGE = 30;
const MOST_IN_ZIP = 100;
const MOST_AT_ONCE = 200;
const FILTERS = ["q", "modality", "status", "model", "hidden"];
const models = pageData("models");
const names = new Map(models.map((model) => [model.slug, model.name]));
const gallery = $("#gallery");
const filters = $("#filters");
const picked = new Set();
let next = null;
let loading = null;

// --- the address is the state -----------------------------------------------------------------------
function query() {
  const all = new URLSearchParams(location.search);
  const wanted = new URLSearchParams();
  for (const name of [...FILTERS, "cursor"]) if (all.get(name)) wanted.set(name, all.get(name));
  return wanted;
}

function showFilters() {
  for (const name of FILTERS) filters.elements[name].value = query().get(name) ?? "";
}

function applyFilters() {
  const chosen = new URLSearchParams();
  for (const name of FILTERS) if (filters.elements[name].value) chosen.set(name, filters.elements[name].value);
  history.pushState(null, "", chosen.size ? `?${chosen}` : location.pathname);
  begin();
}

// --- tiles --------------------------------------------------------------------------------------------
function tile(generation) {
  const asset = generation.assets[0];
  const prompt = promptOf(generation) || names.get(generation.model) || generation.model;
  const picture = asset?.thumbnail_url ?? (asset?.kind === "image" ? asset.url : null);
  const link = h("a.tile__link", { href: address(`/g/${generation.id}`) });
  const pick = h("input", { type: "checkbox", ariaLabel: fill(gettext("Select: %(prompt)s"), { prompt }), checked: picked.has(generation.id) });
  pick.addEventListener("change", () => {
    if (pick.checked) picked.add(generation.id);
    else picked.delete(generation.id);
    showSelection();
  });
  const box = h("li.tile", { dataset: { generation: generation.id } }, link, h("label.tile__pick", {}, pick));
  if (generation.hidden) box.dataset.hidden = "";
  if (picture && asset.kind !== "audio") {
    link.append(h("img", { src: picture, alt: prompt, loading: "lazy", decoding: "async", width: asset.width, height: asset.height }));
    const symbol = mark(generation, asset);
    if (symbol) link.append(symbol);
    link.append(h("span.tile__over", { ariaHidden: "true" }, h("span.clamp", {}, prompt)));
    if (asset.width && asset.height) box.style.setProperty("--shape", clamp(asset.width / asset.height, 0.55, 2.4).toFixed(3));
  } else {
    link.append(
      h(
        "span.tile__words",
        {},
        icon(modalityIcon(generation.modality)),
        h("span.clamp.clamp--3", {}, prompt),
        picture ? h("img.tile__wave", { src: picture, alt: "", loading: "lazy", decoding: "async" }) : null,
        h("span.row", {}, statusBadge(generation), h("span.quiet.tiny", {}, hasEnded(generation) ? ago(generation.created_at) : paid(generation))),
      ),
    );
  }
  return box;
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function place(generation) {
  const old = $(`[data-generation="${generation.id}"]`, gallery);
  const fresh = tile(generation);
  if (old) old.replaceWith(fresh);
  return fresh;
}

// --- loading -------------------------------------------------------------------------------------------
async function load(path) {
  loading?.abort();
  loading = new AbortController();
  gallery.setAttribute("aria-busy", "true");
  try {
    return await api.get(path, { signal: loading.signal });
  } finally {
    gallery.setAttribute("aria-busy", "false");
  }
}

async function begin() {
  showFilters();
  picked.clear();
  showSelection();
  $("#history-message").replaceChildren();
  $("#nothing").hidden = true;
  $("#nothing-found").hidden = true;
  next = null;
  showMore();
  gallery.replaceChildren(...Array.from({ length: 8 }, () => h("li.tile.skeleton", { ariaHidden: "true" })));
  try {
    const page = await load(`/generations?page_size=${PAGE}&${query()}`);
    gallery.replaceChildren(...page.results.map(tile));
    next = page.next;
    showEnds(page);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    gallery.replaceChildren();
    $("#history-message").replaceChildren(h("div.note.note--bad", {}, icon("circle-alert"), h("div", {}, problem.message)));
  }
}

function showEnds(page) {
  const filtered = query().size > 0;
  $("#nothing").hidden = page.results.length > 0 || filtered;
  $("#nothing-found").hidden = page.results.length > 0 || !filtered;
  $("#newer").hidden = !page.previous;
  if (page.previous) $("#newer a").href = withCursor(page.previous);
  showMore();
}

/** The page address that stands for an API page. */
function withCursor(url) {
  const wanted = query();
  wanted.set("cursor", new URL(url, location.origin).searchParams.get("cursor"));
  return `?${wanted}`;
}

function showMore() {
  $("#more").replaceChildren(...(next ? [h("a.button.button--small", { href: withCursor(next), onclick: (event) => (event.preventDefault(), more()) }, gettext("Older"))] : []));
}

let isLoadingMore = false;

async function more() {
  if (!next || isLoadingMore) return;
  isLoadingMore = true;
  const wanted = new URL(next, location.origin);
  try {
    const page = await load(wanted.pathname + wanted.search);
    const here = withCursor(next);
    const tiles = page.results.map(tile);
    gallery.append(...tiles);
    if (tiles[0]) addresses.observe(Object.assign(tiles[0], { historyAddress: here }));
    next = page.next;
    showMore();
  } catch (problem) {
    if (problem.name !== "AbortError") toast(problem.message);
  } finally {
    isLoadingMore = false;
  }
}

// Whoever scrolls gets an address for where they are.
const addresses = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) history.replaceState(null, "", target.historyAddress);
});
new IntersectionObserver(([entry]) => entry.isIntersecting && more(), { rootMargin: "600px" }).observe($("#more"));

// --- many at once ----------------------------------------------------------------------------------------
function showSelection() {
  const count = picked.size;
  $("#selection").hidden = count === 0;
  $("#selection-count").textContent = fill(ngettext("%(count)s selected", "%(count)s selected", count), { count });
  $("#selection-hide [data-label]").textContent = query().get("hidden") === "true" ? gettext("Show again") : gettext("Hide");
  for (const input of $$(".tile__pick input", gallery)) input.checked = picked.has(input.closest(".tile").dataset.generation);
}

async function setHidden(ids, hidden) {
  await api.post("/generations/hide", { ids, hidden });
  const keeps = query().get("hidden") === "all";
  if (!keeps) for (const id of ids) $(`[data-generation="${id}"]`, gallery)?.remove();
}

$("#selection-hide").addEventListener("click", async () => {
  const ids = [...picked];
  const hidden = query().get("hidden") !== "true";
  try {
    await setHidden(ids, hidden);
  } catch (problem) {
    toast(problem.message);
    return;
  }
  picked.clear();
  showSelection();
  const text = hidden
    ? ngettext("%(count)s hidden from the history", "%(count)s hidden from the history", ids.length)
    : ngettext("%(count)s shown again", "%(count)s shown again", ids.length);
  const undo = () => api.post("/generations/hide", { ids, hidden: !hidden }).then(begin, (problem) => toast(problem.message));
  toast(fill(text, { count: ids.length }), { label: gettext("Undo"), run: undo });
});
$("#selection-download").addEventListener("click", async ({ currentTarget }) => {
  if (picked.size > MOST_IN_ZIP) {
    toast(fill(ngettext("At most %(count)s result in one file", "At most %(count)s results in one file", MOST_IN_ZIP), { count: MOST_IN_ZIP }));
    return;
  }
  currentTarget.disabled = true;
  try {
    const archive = await downloadZip([...picked]);
    const text = ngettext("One file, %(size)s: the download has begun", "%(count)s files, %(size)s: the download has begun", archive.files);
    toast(fill(text, { count: archive.files, size: bytes(archive.bytes) }));
  } catch (problem) {
    toast(problem.message);
  } finally {
    currentTarget.disabled = false;
  }
});
$("#selection-delete").addEventListener("click", async () => {
  const ids = [...picked];
  const question = fill(ngettext("Delete %(count)s result for good?", "Delete %(count)s results for good?", ids.length), { count: ids.length });
  if (!(await sure(question, gettext("The files and prompts are erased. What was paid stays in the wallet's statement, without the content."), gettext("Delete")))) return;
  let outcome = { deleted: 0, active: 0 };
  try {
    for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
      const part = await api.post("/generations/delete", { ids: ids.slice(at, at + MOST_AT_ONCE) });
      outcome = { deleted: outcome.deleted + part.deleted, active: outcome.active + part.active };
    }
  } catch (problem) {
    toast(problem.message);
  }
  const done = fill(ngettext("%(count)s result deleted", "%(count)s results deleted", outcome.deleted), { count: outcome.deleted });
  const left = outcome.active ? gettext("What is still being made was left: cancel it first.") : "";
  await begin();
  toast([done, left].filter(Boolean).join(". "));
});
$("#selection-clear").addEventListener("click", () => {
  picked.clear();
  showSelection();
});
$("#select-mode").addEventListener("click", ({ currentTarget }) => {
  const selecting = gallery.toggleAttribute("data-selecting");
  currentTarget.setAttribute("aria-pressed", String(selecting));
  if (!selecting) {
    picked.clear();
    showSelection();
  }
});

// --- keys: arrows walk through the grid --------------------------------------------------------------------
gallery.addEventListener("keydown", (event) => {
  const links = $$(".tile__link", gallery);
  const at = links.indexOf(event.target);
  if (at < 0) return;
  const target = { ArrowRight: () => links[at + 1], ArrowLeft: () => links[at - 1], ArrowDown: () => across(links, at, 1), ArrowUp: () => across(links, at, -1) }[event.key]?.();
  if (!target) return;
  event.preventDefault();
  target.focus();
});

/** The nearest tile of the row below or above. */
function across(links, at, direction) {
  const here = links[at].getBoundingClientRect();
  const middle = here.left + here.width / 2;
  let best = null;
  for (const link of direction > 0 ? links.slice(at + 1) : links.slice(0, at).reverse()) {
    const there = link.getBoundingClientRect();
    if (Math.abs(there.top - here.top) < 4) continue;
    if (best && Math.abs(there.top - best.top) > 4) break;
    const distance = Math.abs(there.left + there.width / 2 - middle);
    if (!best || distance < best.distance) best = { link, distance, top: there.top };
  }
  return best?.link;
}

// --- news ----------------------------------------------------------------------------------------------
async function refresh({ generation }) {
  const known = $(`[data-generation="${generation}"]`, gallery);
  if (!known) return;
  try {
    place(await api.get(`/generations/${generation}`));
  } catch {
    // It was deleted meanwhile; the next load shows the truth.
  }
}

function ideas() {
  $("#ideas").replaceChildren(
    ...pageData("ideas-of-models").map(({ slug, modality, example, words }) =>
      h("li", {}, h("a.idea", { href: `${address(`/create/${slug}`)}?example=${example}` }, icon(modalityIcon(modality)), h("span", {}, words), icon("arrow-right"))),
    ),
  );
}

if (api.requireSignIn()) {
  for (const name of ["modality", "status", "model", "hidden"]) filters.elements[name].addEventListener("change", applyFilters);
  filters.elements.q.addEventListener("input", debounced(350, applyFilters));
  filters.addEventListener("submit", (event) => (event.preventDefault(), applyFilters()));
  addEventListener("popstate", begin);
  ideas();
  await begin();
  listen({ status: refresh });
}
