// Presets: the person's settings of a model under a name, kept by the server with their account.

import * as api from "./api.js";
import { $, h, icon } from "./dom.js";
import { WORDS } from "./fields.js";
import * as session from "./session.js";
import { toast } from "./toast.js";
import { fill, gettext } from "./words.js";

const LONGEST_NAME = 60;

/** Settings alone: without words, files, results and lists of rows, which belong to one order. */
const settingsOf = (input) => Object.fromEntries(Object.entries(input).filter(([name, value]) => !WORDS.includes(name) && typeof value !== "object"));

/** In `#presets`. `read()` gives the form's values, `apply(values)` fills it; `show(slug)` when a model is chosen. */
export function presetsBox({ read, apply }) {
  const box = $("#presets");
  const known = new Map(); // lists by model
  let slug = "";

  function draw(isNaming = false) {
    const list = known.get(slug) ?? [];
    box.replaceChildren(
      ...(list.length ? [h("ul.presets__list", { role: "list", ariaLabel: gettext("Presets") }, ...list.map(chip))] : []),
      isNaming ? nameForm() : h("button.button.button--plain.button--small", { type: "button", onclick: () => draw(true) }, icon("plus", "small"), gettext("Keep these settings")),
    );
    if (isNaming) $("input", box).focus();
  }

  function chip(preset) {
    const remove = h(
      "button.presets__remove",
      { type: "button", ariaLabel: fill(gettext("Remove the preset “%(name)s”"), { name: preset.name }), onclick: () => attempt(() => forget(preset)) },
      icon("x", "small"),
    );
    return h("li.presets__one", {}, h("button.presets__use", { type: "button", onclick: () => apply(preset.input) }, preset.name), remove);
  }

  function nameForm() {
    const input = h("input.input", { type: "text", maxLength: LONGEST_NAME, ariaLabel: gettext("Name of the preset"), placeholder: gettext("Name of the preset"), autocomplete: "off" });
    const save = () => input.value.trim() && attempt(() => keep(input.value.trim()));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) save();
      if (event.key === "Escape") draw();
    });
    return h(
      "div.presets__new",
      {},
      input,
      h("button.button.button--small", { type: "button", onclick: save }, gettext("Keep")),
      h("button.button.button--plain.button--small", { type: "button", onclick: () => draw() }, gettext("Cancel")),
    );
  }

  async function keep(name) {
    const kept = await api.post("/presets", { model: slug, name, input: settingsOf(read()) });
    const others = (known.get(slug) ?? []).filter((one) => one.id !== kept.id);
    known.set(slug, [...others, kept].sort((one, other) => one.name.localeCompare(other.name)));
    draw();
  }

  async function forget(preset) {
    await api.remove(`/presets/${preset.id}`);
    known.set(slug, known.get(slug).filter((one) => one.id !== preset.id));
    draw();
    const again = () => api.post("/presets", { model: preset.model, name: preset.name, input: preset.input }).then(() => load(preset.model));
    toast(fill(gettext("The preset “%(name)s” is removed"), { name: preset.name }), { label: gettext("Undo"), run: () => attempt(again) });
  }

  async function attempt(run) {
    try {
      await run();
    } catch (problem) {
      toast([problem.message, ...(problem.errors ?? []).map((error) => error.detail)].join(" "));
    }
  }

  async function load(wanted) {
    known.set(wanted, (await api.get(`/presets?model=${wanted}`)).results);
    if (wanted === slug) draw();
  }

  return {
    show(next) {
      slug = next;
      if (!session.isSignedIn()) return;
      draw();
      if (!known.has(next)) load(next).catch(() => {});
    },
  };
}
