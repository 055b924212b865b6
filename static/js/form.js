// A form from a model's JSON Schema: the same document that the server checks the input with.

import { h, icon } from "./dom.js";
import { WORDS, makeField } from "./fields.js";
import { fill, gettext, ngettext } from "./words.js";

const ROUNDS = 4;

/** `changed()` after every change. The result reads, fills and marks the fields by their names. */
export function buildForm(schema, { slug, changed }) {
  const required = new Set(schema.required ?? []);
  const names = Object.keys(schema.properties).sort((one, other) => order(schema, one) - order(schema, other));
  const plain = [];
  const advanced = [];
  const groups = [];
  for (const name of names) {
    const property = schema.properties[name];
    // What the connected providers do one way only is no choice.
    if (property.type === "boolean" && property.enum?.length === 1) continue;
    if (name === "simulate") groups.push(nested(name, property, { changed: touched }));
    else {
      const field = makeField(name, property, { required: required.has(name), slug, changed: touched });
      (property["x-advanced"] && !required.has(name) ? advanced : plain).push(field);
    }
  }
  const fields = [...plain, ...advanced];
  const fold = advanced.length ? folded("sliders-horizontal", gettext("More settings"), advanced.map((field) => field.element)) : null;
  const element = h("div.studio__fields", {}, ...plain.map((field) => field.element), fold?.element, ...groups.map((group) => group.element));

  let absent = new Set();
  let needed = required;

  function touched() {
    adapt();
    changed();
  }

  /** Fields that do not go together with what is filled in are put away, and not sent. */
  function adapt() {
    for (const field of fields) addUp(field);
    // A field that is narrowed may change its value, and with it what is left of others.
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = consequences(schema, values(), required);
      ({ absent, needed } = found);
      const moved = fields.filter((field) => field.narrow(found.narrowed[field.name] ?? null));
      if (!moved.length) break;
    }
    for (const field of fields) field.show(!absent.has(field.name));
    count();
  }

  /** Where rows make up what another field says, that one follows them. */
  function addUp({ name, read }) {
    const rule = schema.properties[name]["x-adds-up"];
    const rows = rule && read();
    if (rows) fields.find((field) => field.name === rule.to)?.fill(rows.reduce((total, row) => total + Number(row[rule.member] || 0), 0));
  }

  function values() {
    return Object.fromEntries(fields.map((field) => [field.name, field.read()]).filter(([, value]) => value !== undefined));
  }

  function count() {
    const number = advanced.filter((field) => field.isChanged()).length;
    fold?.count(number);
  }

  adapt();
  return {
    element,
    isBusy: () => fields.some((field) => field.isBusy()),
    /** Names of required fields that are still empty. */
    missing: () => fields.filter((field) => needed.has(field.name) && field.read() === undefined).map((field) => field.name),
    read() {
      const given = Object.entries(values()).filter(([name]) => !absent.has(name));
      for (const group of groups) if (group.read() !== undefined) given.push([group.name, group.read()]);
      return Object.fromEntries(given);
    },
    fill(wanted) {
      for (const field of fields) if (field.name in wanted) field.fill(wanted[field.name]);
      for (const group of groups) if (wanted[group.name]) group.fill(wanted[group.name]);
      adapt();
    },
    /** Puts words into the field for words, whatever the model calls it. */
    say(words) {
      fields.find((field) => WORDS.includes(field.name))?.fill(words);
      adapt();
    },
    words: () => fields.find((field) => WORDS.includes(field.name))?.read() ?? "",
    focusWords() {
      fields.find((field) => WORDS.includes(field.name))?.target.focus();
    },
    /** Shows each error beside its field. Returns those that belong to no field. */
    showErrors(errors) {
      const left = [];
      const byName = new Map();
      for (const error of errors) {
        const [, name] = /^\/(?:input\/)?([^/]+)/.exec(error.pointer) ?? [];
        if (fields.some((field) => field.name === name) || groups.some((group) => group.name === name)) byName.set(name, error.detail);
        else left.push(error);
      }
      for (const part of [...fields, ...groups]) part.fail(byName.get(part.name) ?? "");
      if (fold && advanced.some((field) => byName.has(field.name))) fold.element.open = true;
      return left;
    },
    focusFirstError() {
      const first = element.querySelector("[aria-invalid=true]");
      if (!first) return;
      (first.matches("input, textarea, select") ? first : first.querySelector("input"))?.focus({ preventScroll: true });
      first.closest(".field").scrollIntoView({ block: "center" });
    },
    field: (name) => fields.find((field) => field.name === name),
  };
}

/**
 * What the schema's `allOf` of `if`/`then`/`else` makes of these values: fields that may not be given now, fields that
 * must be. Only the shapes that the catalogue uses are understood; the server checks all of it.
 */
function consequences(schema, values, required) {
  const absent = new Set();
  const needed = new Set(required);
  const narrowed = {};
  for (const rule of schema.allOf ?? []) {
    const branch = holds(rule.if, values) ? rule.then : rule.else;
    for (const [name, property] of Object.entries(branch?.properties ?? {})) {
      if (property === false) absent.add(name);
      else narrowed[name] = both(narrowed[name], property);
    }
    for (const name of branch?.required ?? []) needed.add(name);
  }
  return { absent, needed, narrowed };
}

/** What two conditions together leave of a field. */
function both(one, other) {
  if (!one) return other;
  const shared = one.enum && other.enum ? { enum: one.enum.filter((value) => other.enum.includes(value)) } : {};
  const highest = one.maximum !== undefined && other.maximum !== undefined ? { maximum: Math.min(one.maximum, other.maximum) } : {};
  return { ...one, ...other, ...shared, ...highest };
}

function holds(condition, values) {
  const given = (condition.required ?? []).every((name) => values[name] !== undefined);
  const fits = ([name, property]) =>
    values[name] === undefined || ((property.const === undefined || property.const === values[name]) && (property.enum?.includes(values[name]) ?? true));
  return given && Object.entries(condition.properties ?? {}).every(fits);
}

const order = (schema, name) => schema.properties[name]["x-order"] ?? 1000;

function folded(symbol, title, children) {
  const badge = h("span.badge", { hidden: true });
  const element = h(
    "details.fold",
    {},
    h("summary", {}, icon(symbol, "small"), h("span", {}, title), badge, icon("chevron-down", "small")),
    h("div.fold__body", {}, ...children),
  );
  return {
    element,
    count(number) {
      badge.hidden = number === 0;
      badge.textContent = fill(ngettext("%(count)s changed", "%(count)s changed", number), { count: number });
    },
  };
}

/** An object with members of its own, such as what the demonstration shall do. Only what differs is sent. */
function nested(name, schema, { changed }) {
  const members = Object.entries(schema.properties ?? {}).map(([member, property]) => makeField(member, property, { changed: touched }));
  const intro = schema.description ? h("p.small.quiet", {}, schema.description) : null;
  const fold = folded("gauge", schema.title ?? gettext("Demonstration"), [intro, ...members.map((member) => member.element)].filter(Boolean));

  function touched() {
    fold.count(members.filter((member) => member.isChanged()).length);
    changed();
  }

  return {
    name,
    element: fold.element,
    read() {
      const values = Object.fromEntries(members.filter((member) => member.isChanged()).map((member) => [member.name, member.read()]));
      return Object.keys(values).length ? values : undefined;
    },
    fill(values) {
      for (const member of members) if (member.name in values) member.fill(values[member.name]);
      touched();
    },
    fail(text) {
      if (text) fold.element.open = true;
      members[0]?.fail(text);
    },
  };
}
