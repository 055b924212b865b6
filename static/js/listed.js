// Fields whose values come from elsewhere: a provider's list, earlier results of the person, rows of a list.

import * as api from "./api.js";
import { address, debounced, h, icon } from "./dom.js";
import { moment } from "./format.js";
import { promptOf } from "./job.js";
import * as session from "./session.js";
import { fill, gettext } from "./words.js";

const SHOWN_AT_ONCE = 40;
const RESULTS_LOOKED_AT = 50;

/** A search in what the provider lists, such as its voices. Found ones are chosen like options of a list. */
export function choicesControl(schema, { id, name, slug, changed }) {
  let chosen; // the value; its name is in the input
  let found = [];
  let asked = 0;
  const list = h("ul.listed__found", { id: `${id}-found`, role: "listbox", hidden: true });
  const input = h("input.input", { type: "search", id, role: "combobox", autocomplete: "off", placeholder: gettext("Search by name or language") });
  for (const [attribute, value] of [["aria-expanded", "false"], ["aria-controls", list.id], ["aria-autocomplete", "list"]]) input.setAttribute(attribute, value);

  async function ask() {
    const turn = (asked += 1);
    const query = chosen === undefined ? input.value.trim() : "";
    try {
      const page = await api.get(`/models/${slug}/choices/${name}?q=${encodeURIComponent(query)}`, { anonymous: true });
      if (turn === asked) show(page.results.slice(0, SHOWN_AT_ONCE));
    } catch (problem) {
      if (turn === asked) show([], problem.message);
    }
  }

  function show(choices, said = gettext("Nothing found")) {
    found = choices;
    const options = choices.map((choice, index) =>
      h(
        "li.listed__option",
        { id: `${id}-${index}`, role: "option", ariaSelected: String(choice.value === chosen), onpointerdown: (event) => (event.preventDefault(), choose(choice)) },
        h("span", {}, choice.name),
        h("span.quiet.small", {}, [choice.language, choice.gender].filter(Boolean).join(", ")),
      ),
    );
    list.replaceChildren(...(options.length ? options : [h("li.listed__none.quiet.small", {}, said)]));
    open(true);
  }

  function open(visible) {
    list.hidden = !visible;
    input.setAttribute("aria-expanded", String(visible));
    if (!visible) input.removeAttribute("aria-activedescendant");
  }

  function choose(choice) {
    chosen = choice.value;
    input.value = choice.name;
    open(false);
    changed();
  }

  function move(step) {
    const options = [...list.querySelectorAll("[role=option]")];
    if (list.hidden || !options.length) return;
    const now = options.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
    const next = options[(now + step + options.length) % options.length];
    for (const option of options) option.toggleAttribute("data-active", option === next);
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  const search = debounced(250, ask);
  input.addEventListener("focus", () => {
    input.select();
    ask();
  });
  input.addEventListener("input", () => {
    chosen = undefined;
    changed();
    search();
  });
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") open(false);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const active = found[Number(input.getAttribute("aria-activedescendant")?.split("-").pop())];
      if (active) choose(active);
    }
  });
  return {
    element: h("div.listed", {}, input, list),
    target: input,
    read: () => chosen,
    fill(value) {
      chosen = value;
      input.value = value ?? "";
      if (value) named(slug, name, value).then((label) => chosen === value && (input.value = label));
    },
  };
}

async function named(slug, name, value) {
  const page = await api.get(`/models/${slug}/choices/${name}`, { anonymous: true }).catch(() => ({ results: [] }));
  return page.results.find((choice) => choice.value === value)?.name ?? value;
}

/** One of the person's results that other models made. */
export function resultControl(schema, { id, changed }) {
  const makers = schema["x-from"];
  const madeWith = Object.entries(schema["x-made-with"] ?? {});
  const fits = (one) => makers.includes(one.model) && madeWith.every(([name, values]) => values.includes(one.input[name]));
  const select = h("select.input", { id, onchange: changed }, h("option", { value: "" }, gettext("One moment…")));
  const none = h("p.small.quiet", { hidden: true }, gettext("You have none yet. "), h("a", { href: address(`/create/${makers[0]}`) }, gettext("Make one first")));
  let wanted = "";

  async function load() {
    const since = new Date(Date.now() - schema["x-within-days"] * 86_400_000).toISOString();
    const page = session.isSignedIn()
      ? await api.get(`/generations?status=succeeded&created_after=${encodeURIComponent(since)}&page_size=${RESULTS_LOOKED_AT}`)
      : { results: [] };
    const options = page.results.filter(fits).flatMap((one) => one.assets.map((asset, index) => h("option", { value: asset.id }, nameOf(one, index))));
    select.replaceChildren(h("option", { value: "" }, "—"), ...options);
    none.hidden = options.length > 0;
    if (wanted) select.value = wanted;
    changed();
  }

  load().catch(() => select.replaceChildren(h("option", { value: "" }, "—")));
  return {
    element: h("div.stack.stack--tight", {}, select, none),
    target: select,
    read: () => (select.value ? { asset: select.value } : undefined),
    fill(value) {
      wanted = value?.asset ?? "";
      select.value = wanted;
    },
  };
}

function nameOf(generation, index) {
  const words = generation.input.title ?? promptOf(generation);
  const short = words.length > 40 ? `${words.slice(0, 40)}…` : words;
  return [short, generation.assets.length > 1 ? fill(gettext("track %(number)s"), { number: index + 1 }) : "", moment(generation.created_at)].filter(Boolean).join(" · ");
}

const inOrder = (properties) => Object.entries(properties).sort(([, one], [, other]) => (one["x-order"] ?? 0) - (other["x-order"] ?? 0));

/** A list of rows, each with the same fields. `makeField` is how each of them is made. */
export function rowsControl(schema, { id, required, changed, makeField }) {
  const rows = [];
  const box = h("div.stack", { id, role: "group" });
  const add = h("button.button.button--small", { type: "button", onclick: () => (append(), changed()) }, icon("plus", "small"), gettext("Add a row"));

  function append(values = {}) {
    const members = inOrder(schema.items.properties).map(([name, member]) => makeField(name, member, { required: true, changed }));
    for (const member of members) if (member.name in values) member.fill(values[member.name]);
    const row = { members };
    const removal = h(
      "button.button.button--plain.button--icon.button--small",
      { type: "button", ariaLabel: gettext("Remove this row"), onclick: () => (remove(row), changed()) },
      icon("x", "small"),
    );
    row.element = h("div.rows__row", {}, h("div.stack.stack--tight", {}, ...members.map((member) => member.element)), removal);
    rows.push(row);
    box.append(row.element);
    show();
  }

  function remove(row) {
    rows.splice(rows.indexOf(row), 1);
    row.element.remove();
    show();
  }

  function show() {
    add.hidden = rows.length >= schema.maxItems;
  }

  if (required) append();
  return {
    element: h("div.stack.stack--tight", {}, box, add),
    target: box,
    isGroup: true,
    read() {
      const values = rows.map(({ members }) => Object.fromEntries(members.map((member) => [member.name, member.read()])));
      const whole = values.filter((row) => Object.values(row).every((value) => value !== undefined));
      return whole.length ? whole : undefined;
    },
    fill(values) {
      for (const row of [...rows]) remove(row);
      for (const row of values ?? []) append(row);
      if (required && !rows.length) append();
    },
  };
}
