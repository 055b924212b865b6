// What several models have in common: settings that can be given to all of them, and what each of them lacks.

import { WORDS, controlOf } from "./fields.js";
import { fill, gettext } from "./words.js";

const MOST_SETTINGS = 6;
const MOST_VALUES = 12;

const labelOf = (property, value) => String(property["x-labels"]?.[String(value)] ?? value);

/** The field of a model that takes the words. */
export const wordsField = (model) => WORDS.find((name) => model.input_schema.properties[name]);

/** The values that a setting can have in a list; null when it cannot be compared. */
function valuesOf(property) {
  if (!property || !["chips", "select", "switch", "slider"].includes(controlOf(property))) return null;
  if (property.enum) return property.enum;
  if (property.type === "boolean") return [true, false];
  const span = property.maximum - property.minimum;
  return property.type === "integer" && span < MOST_VALUES ? Array.from({ length: span + 1 }, (_unused, index) => property.minimum + index) : null;
}

/** Settings that at least two of the models have: `{ name, title, values: [{ value, label }] }`, the commonest first. */
export function sharedSettings(models) {
  const found = new Map();
  for (const model of models) {
    for (const [name, property] of Object.entries(model.input_schema.properties)) {
      const values = valuesOf(property);
      if (!values || name === "seed") continue;
      const one = found.get(name) ?? { name, title: property.title ?? name, count: 0, values: [] };
      one.count += 1;
      for (const value of values) if (!one.values.some((known) => known.value === value)) one.values.push({ value, label: value === true ? gettext("yes") : value === false ? gettext("no") : labelOf(property, value) });
      found.set(name, one);
    }
  }
  return [...found.values()].filter((one) => one.count > 1).sort((one, other) => other.count - one.count).slice(0, MOST_SETTINGS);
}

/** The input for one model, and what of `wanted` it cannot do, in words. */
export function inputFor(model, words, wanted, settings) {
  const input = { [wordsField(model)]: words };
  const lacks = [];
  for (const [name, value] of Object.entries(wanted)) {
    const property = model.input_schema.properties[name];
    const { title, values } = settings.find((one) => one.name === name);
    const said = values.find((one) => one.value === value)?.label ?? String(value);
    if (valuesOf(property)?.includes(value)) input[name] = value;
    else if (!property) lacks.push(fill(gettext("Has no setting “%(title)s”"), { title }));
    else if (property.default === undefined) lacks.push(fill(gettext("%(title)s: cannot be %(value)s, it decides itself"), { title, value: said }));
    else lacks.push(fill(gettext("%(title)s: cannot be %(value)s, will be %(own)s"), { title, value: said, own: labelOf(property, property.default) }));
  }
  return { input, lacks };
}
