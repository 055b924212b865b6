// A form from a model's JSON Schema: the same document that the server checks the input with.

import { h, icon } from "./dom.js";
import { makeField } from "./fields.js";
import { fill, gettext, ngettext } from "./words.js";

/** `changed()` after every change. The result reads, fills and marks the fields by their names. */
export function buildForm(schema, { changed }) {
  const required = new Set(schema.required ?? []);
  const names = Object.keys(schema.properties).sort((one, other) => order(schema, one) - order(schema, other));
  const plain = [];
  const advanced = [];
  const groups = [];
  for (const name of names) {
    const property = schema.properties[name];
    if (name === "simulate") groups.push(nested(name, property, { changed: touched }));
    else {
      const field = makeField(name, property, { required: required.has(name), changed: touched });
      (property["x-advanced"] && !required.has(name) ? advanced : plain).push(field);
    }
  }
  const fields = [...plain, ...advanced];
  const fold = advanced.length ? folded("sliders-horizontal", gettext("More settings"), advanced.map((field) => field.element)) : null;
  const element = h("div.studio__fields", {}, ...plain.map((field) => field.element), fold?.element, ...groups.map((group) => group.element));

  function touched() {
    count();
    changed();
  }

  function count() {
    const number = advanced.filter((field) => field.isChanged()).length;
    fold?.count(number);
  }

  return {
    element,
    isBusy: () => fields.some((field) => field.isBusy()),
    /** Names of required fields that are still empty. */
    missing: () => fields.filter((field) => required.has(field.name) && field.read() === undefined).map((field) => field.name),
    read() {
      const values = {};
      for (const part of [...fields, ...groups]) {
        const value = part.read();
        if (value !== undefined) values[part.name] = value;
      }
      return values;
    },
    fill(values) {
      for (const field of fields) if (field.name in values) field.fill(values[field.name]);
      for (const group of groups) if (values[group.name]) group.fill(values[group.name]);
      count();
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
      (first.matches("input, textarea, select") ? first : first.querySelector("input"))?.focus();
    },
    focus(name) {
      fields.find((field) => field.name === name)?.target.focus();
    },
    field: (name) => fields.find((field) => field.name === name),
  };
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
