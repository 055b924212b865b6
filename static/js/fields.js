// One control per property of a model's schema. Every control answers the same four questions:
// `read()` its value (undefined when empty), `fill(value)`, `fail(text)` shows or clears an error, `isChanged()`.

import { h, icon } from "./dom.js";
import { number } from "./format.js";
import { choicesControl, resultControl, rowsControl } from "./listed.js";
import { uploadControl } from "./uploads.js";
import { fill, gettext } from "./words.js";

const CHIPS_AT_MOST = 7;
const SLIDER_STEPS_AT_MOST = 400;
const LONG_TEXT = 200;
/** Fields that hold what the person wants said or made. */
export const WORDS = ["prompt", "script"];

let counter = 0;

/** The kind of control that suits a property: what the catalogue asks for, else what the type suggests. */
export function controlOf(schema) {
  const asked = schema["x-control"];
  if (asked === "upload" || isUpload(schema)) return "upload";
  if (asked === "result") return "result";
  if (schema["x-choices"]) return "choices";
  if (schema.type === "array") return "rows";
  if (schema.enum) return asked === "select" || schema.enum.length > CHIPS_AT_MOST ? "select" : "chips";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "integer" || schema.type === "number") {
    const step = stepOf(schema);
    if (schema.type === "integer" && schema.default !== undefined && schema.maximum - schema.minimum < CHIPS_AT_MOST - 1) return "chips";
    const bounded = schema.minimum !== undefined && schema.maximum !== undefined;
    return bounded && schema.default !== undefined && (schema.maximum - schema.minimum) / step <= SLIDER_STEPS_AT_MOST ? "slider" : "number";
  }
  if (asked === "textarea" || (schema.maxLength ?? 0) > LONG_TEXT) return "textarea";
  return "text";
}

function isUpload(schema) {
  return Boolean((schema.items ?? schema).properties?.upload);
}

const stepOf = (schema) => schema.multipleOf ?? (schema.type === "integer" ? 1 : 0.05);

/** `changed()` is called after every change by the person. */
export function makeField(name, schema, { required = false, slug = "", changed }) {
  counter += 1;
  const id = `field-${name}-${counter}`;
  const control = CONTROLS[controlOf(schema)](schema, { id, name, required, slug, changed, makeField });
  const error = h("p.field__error", { id: `${id}-error`, hidden: true });
  const help = schema.description ? h("p.field__help", { id: `${id}-help` }, schema.description) : null;
  const described = [help?.id, error.id].filter(Boolean).join(" ");
  control.target.setAttribute("aria-describedby", described);
  if (required && control.target.matches("input, textarea, select")) control.target.setAttribute("aria-required", "true");
  const title = schema.title ?? name;
  const label = control.isSwitch
    ? null
    : control.isGroup
      ? h("legend.field__label", { id: `${id}-label` }, h("span", {}, title))
      : h("label.field__label", { htmlFor: id }, h("span", {}, title), control.aside);
  if (control.isGroup) control.target.setAttribute("aria-labelledby", `${id}-label`);
  const box = h(control.isGroup ? "fieldset.field" : "div.field", { dataset: { field: name } }, label, control.element, help, error);
  if (WORDS.includes(name)) box.classList.add("field--prompt");
  return {
    name,
    element: box,
    target: control.target,
    read: control.read,
    fill: control.fill,
    isRequired: required,
    show(visible) {
      box.hidden = !visible;
    },
    /** What a condition leaves of the field now (`enum`, `maximum`); null: all of it. True when the value changed. */
    narrow(change) {
      const before = JSON.stringify(control.read() ?? null);
      control.narrow?.(change);
      return JSON.stringify(control.read() ?? null) !== before;
    },
    isBusy: control.isBusy ?? (() => false),
    isChanged: () => JSON.stringify(control.read() ?? null) !== JSON.stringify(schema.default ?? null),
    fail(text) {
      error.hidden = !text;
      error.replaceChildren(...(text ? [icon("circle-alert", "small"), h("span", {}, text)] : []));
      if (text) control.target.setAttribute("aria-invalid", "true");
      else control.target.removeAttribute("aria-invalid");
    },
  };
}

const labelOf = (schema, value) => String(schema["x-labels"]?.[String(value)] ?? value);

function chips(schema, { id, name, required, changed }) {
  const group = `${id}-choice`;
  const values = schema.enum ?? Array.from({ length: schema.maximum - schema.minimum + 1 }, (_unused, index) => schema.minimum + index);
  const isOpen = !required && schema.default === undefined;
  const options = (isOpen ? [undefined, ...values] : values).map((value) => {
    const input = h("input", { type: "radio", name: group, value: String(value ?? ""), checked: value === schema.default, onchange: changed });
    const text = value === undefined ? gettext("Any") : labelOf(schema, value);
    return { value, input, label: h("label.chip", {}, input, shapeOf(name, value), text) };
  });
  const element = h("div.chips.choice", { role: "radiogroup", id }, ...options.map((option) => option.label));
  return {
    element,
    target: element,
    isGroup: true,
    read: () => options.find((option) => option.input.checked)?.value,
    fill(value) {
      for (const option of options) option.input.checked = option.value === value;
    },
    narrow(change) {
      const isLeft = (option) => option.value === undefined || within(change, option.value);
      for (const option of options) {
        option.input.disabled = !isLeft(option);
        option.label.title = isLeft(option) ? "" : gettext("Not together with the other settings");
      }
      const checked = options.find((option) => option.input.checked);
      const left = options.find(isLeft);
      if (checked && left && !isLeft(checked)) left.input.checked = true;
    },
  };
}

const within = (change, value) =>
  !change || ((change.enum?.includes(value) ?? true) && !(value < change.minimum) && !(value > change.maximum));

/** A little frame in the proportion it stands for. */
function shapeOf(name, value) {
  const match = name === "aspect_ratio" && /^(\d+):(\d+)$/.exec(value);
  if (!match) return null;
  const [wide, high] = [Number(match[1]), Number(match[2])];
  const scale = 13 / Math.max(wide, high);
  const shape = h("span.chip__shape", { ariaHidden: "true" });
  shape.style.inlineSize = `${Math.max(5, wide * scale)}px`;
  shape.style.blockSize = `${Math.max(5, high * scale)}px`;
  return shape;
}

function select(schema, { id, required, changed }) {
  const empty = required || schema.default !== undefined ? [] : [h("option", { value: "" }, "—")];
  const options = schema.enum.map((value) => h("option", { value: String(value) }, labelOf(schema, value)));
  const element = h("select.input", { id, onchange: changed }, ...empty, ...options);
  const show = (value) => (element.value = value === undefined ? "" : String(value));
  show(schema.default ?? (required ? schema.enum[0] : undefined));
  return {
    element,
    target: element,
    read: () => schema.enum.find((value) => String(value) === element.value),
    fill: show,
    narrow(change) {
      for (const [index, value] of schema.enum.entries()) options[index].disabled = options[index].hidden = !within(change, value);
      const value = schema.enum.find((one) => String(one) === element.value);
      if (value !== undefined && !within(change, value)) show(schema.enum.find((one) => within(change, one)));
    },
  };
}

function toggle(schema, { id, changed }) {
  const input = h("input", { type: "checkbox", role: "switch", id, checked: schema.default === true, onchange: changed });
  return {
    element: h("label.switch", {}, h("span", {}, schema.title ?? ""), input),
    target: input,
    isSwitch: true,
    read: () => (schema.default === undefined && !input.checked ? undefined : input.checked),
    fill: (value) => (input.checked = value === true),
  };
}

function slider(schema, { id, changed }) {
  const bounds = { min: schema.minimum, max: schema.maximum, step: stepOf(schema) };
  const range = h("input", { type: "range", ...bounds, value: schema.default, ariaHidden: "true", tabIndex: -1 });
  const exact = h("input.input", { type: "number", id, inputMode: schema.type === "integer" ? "numeric" : "decimal", ...bounds, value: schema.default });
  range.addEventListener("input", () => {
    exact.value = range.value;
    changed();
  });
  exact.addEventListener("input", () => {
    range.value = exact.value;
    changed();
  });
  return {
    element: h("div.slider", {}, range, exact),
    target: exact,
    read: () => numeric(exact.value),
    fill(value) {
      exact.value = value ?? "";
      range.value = value ?? schema.default;
    },
    narrow(change) {
      const most = Math.min(schema.maximum, change?.maximum ?? schema.maximum);
      range.max = exact.max = most;
      if (Number(exact.value) > most) exact.value = range.value = most;
    },
  };
}

function numberInput(schema, { id, changed }) {
  const hint =
    schema.minimum !== undefined && schema.maximum !== undefined
      ? fill(gettext("%(from)s to %(to)s"), { from: number(schema.minimum), to: number(schema.maximum) })
      : "";
  const input = h("input.input", { type: "number", id, placeholder: hint, step: stepOf(schema), value: schema.default ?? "", oninput: changed });
  if (schema.minimum !== undefined) input.min = schema.minimum;
  if (schema.maximum !== undefined) input.max = schema.maximum;
  return { element: input, target: input, read: () => numeric(input.value), fill: (value) => (input.value = value ?? "") };
}

/** What cannot be read as a number is sent as it was typed: the server says what is wrong with it. */
function numeric(text) {
  if (text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function textarea(schema, { id, name, changed }) {
  const most = schema.maxLength;
  const count = h("span.field__aside", { id: `${id}-count` });
  const input = h("textarea.input", { id, rows: 4, value: schema.default ?? "", placeholder: schema["x-placeholder"] ?? "", spellcheck: true });
  if (WORDS.includes(name)) input.dataset.prompt = "";
  const show = () => {
    const used = [...input.value].length;
    count.textContent = most && used > most * 0.6 ? `${number(used)} / ${number(most)}` : "";
  };
  input.addEventListener("input", () => {
    show();
    changed();
  });
  return {
    element: input,
    target: input,
    aside: count,
    read: () => (input.value.trim() === "" ? undefined : input.value),
    fill(value) {
      input.value = value ?? "";
      show();
    },
  };
}

function textInput(schema, { id, changed }) {
  const input = h("input.input", { type: "text", id, value: schema.default ?? "", placeholder: schema["x-placeholder"] ?? "", oninput: changed });
  return { element: input, target: input, read: () => (input.value.trim() === "" ? undefined : input.value), fill: (value) => (input.value = value ?? "") };
}

const CONTROLS = { chips, select, switch: toggle, slider, number: numberInput, textarea, text: textInput, upload: uploadControl, choices: choicesControl, result: resultControl, rows: rowsControl };
