// Numbers, amounts, times and sizes as the reader writes them.

import { fill, gettext, language, ngettext } from "./words.js";

const NO_BREAK = "\u00a0";
const join = (text) => text.replaceAll(" ", NO_BREAK);
const numbers = new Intl.NumberFormat(language);
const dates = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

export const number = (value) => numbers.format(value);

/** «12 токенов» */
export function tokens(count) {
  return join(fill(ngettext("%(count)s token", "%(count)s tokens", count), { count: number(count) }));
}

export const moment = (iso) => dates.format(new Date(iso));
export const day = (iso) => days.format(new Date(iso));
export const timeOfDay = (iso) => clock.format(new Date(iso));

/** «5 минут назад», and a date once it is more than a day away. */
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 60) return relative.format(Math.round(seconds), "second");
  if (distance < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (distance < 86400) return relative.format(Math.round(seconds / 3600), "hour");
  return moment(iso);
}

/** «около 40 секунд» */
export function about(seconds) {
  if (seconds < 90) {
    const rounded = seconds < 10 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 5) * 5;
    return join(fill(ngettext("about %(count)s second", "about %(count)s seconds", rounded), { count: rounded }));
  }
  const minutes = Math.round(seconds / 60);
  return join(fill(ngettext("about %(count)s minute", "about %(count)s minutes", minutes), { count: minutes }));
}

const inSeconds = new Intl.NumberFormat(language, { style: "unit", unit: "second", maximumFractionDigits: 1 });

/** «4,2 с», and «1:05» from a minute on. */
export function took(seconds) {
  return seconds < 60 ? inSeconds.format(Math.round(seconds * 10) / 10) : length(seconds);
}

/** «1:05» */
export function length(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function bytes(count) {
  if (count < 1024 * 1024) return `${number(Math.max(1, Math.round(count / 1024)))}${NO_BREAK}${gettext("KB")}`;
  const megabytes = count / 1024 / 1024;
  return `${number(Math.round(megabytes * 10) / 10)}${NO_BREAK}${gettext("MB")}`;
}
