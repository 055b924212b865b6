// Short messages for what happened elsewhere. Results of an action are shown where the action was.

import { $, h, icon } from "./dom.js";
import { gettext } from "./words.js";

const SHOWN_FOR = 6000;

/** `action` is `{ label, run }` or `{ label, href }`; an undo, or a way to the thing. */
export function toast(text, action = null) {
  const close = () => box.remove();
  const more = !action
    ? null
    : action.href
      ? h("a.button.button--small", { href: action.href }, action.label)
      : h("button.button.button--small", { type: "button", onclick: () => (close(), action.run()) }, action.label);
  const label = gettext("Close");
  const box = h(
    "div.toast",
    {},
    h("span", {}, text),
    more,
    h("button.button.button--plain.button--icon.button--small", { type: "button", ariaLabel: label, onclick: close }, icon("x", "small")),
  );
  $("#toasts").append(box);
  setTimeout(close, SHOWN_FOR);
}
