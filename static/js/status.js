// The site itself: do the database, the queue and the storage answer right now?

import { $, h, icon } from "./dom.js";
import { gettext } from "./words.js";

const WELL = () => [gettext("The site, its queue and its storage answer."), "good", "circle-check"];
const ILL = () => [gettext("A part of the site does not answer right now. What runs goes on, or its tokens come back."), "bad", "circle-alert"];

const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null);
const [text, kind, symbol] = answer?.ok ? WELL() : ILL();
$("#health").replaceChildren(h(`div.note.note--${kind}`, {}, icon(symbol), h("div", {}, text)));
