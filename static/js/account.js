// What the pages of the account share: a fresh sign-in, lists that go on.

import * as api from "./api.js";
import { $, address, h } from "./dom.js";
import { toast } from "./toast.js";
import { gettext } from "./words.js";

/** Runs an action; what goes wrong is told. A sign-in that is too old leads to a fresh one, and back here. */
export async function attempt(run) {
  try {
    return await run();
  } catch (problem) {
    if (problem.code === "recent_sign_in_required") askToSignInAgain();
    else toast(problem.errors?.[0]?.detail ?? problem.message);
    return undefined;
  }
}

export function askToSignInAgain() {
  const here = location.pathname + location.search;
  $("#again-link").href = `${address("/login")}?again=1&next=${encodeURIComponent(here)}`;
  $("#again-dialog").showModal();
}

export const small = (label, run) => h("button.button.button--small", { type: "button", onclick: run }, label);

/** Fills a list page by page; `row` makes an element of a result. Returns how many there are so far. */
export async function pages(path, place, more, row) {
  const page = await api.get(path);
  place.append(...page.results.map(row));
  more.replaceChildren(...(page.next ? [small(gettext("Older"), () => attempt(() => pages(page.next, place, more, row)))] : []));
  return place.children.length;
}
