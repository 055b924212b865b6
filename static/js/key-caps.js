// What an API key may spend, in words.

import { tokens as inTokens } from "./format.js";
import { fill, gettext } from "./words.js";

const SAID = {
  hour: (count) => fill(gettext("up to %(count)s an hour"), { count }),
  day: (count) => fill(gettext("up to %(count)s a day"), { count }),
  month: (count) => fill(gettext("up to %(count)s a month"), { count }),
  total: (count) => fill(gettext("up to %(count)s in all"), { count }),
};

export const WINDOWS = Object.keys(SAID);
export const cap = (window, count) => SAID[window](inTokens(count));
