// The reader's language for scripts: the catalogue is an external script that runs before every module.

const identity = (text) => text;
const plural = (one, many, count) => (count === 1 ? one : many);

export const language = document.documentElement.lang || "ru";
export const gettext = globalThis.gettext ?? identity;
export const ngettext = globalThis.ngettext ?? plural;
export const pgettext = globalThis.pgettext ?? ((_context, text) => text);

/** Puts values into `%(name)s` places. */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name]));
}
