// Asking before what cannot be undone. The page includes components/sure_dialog.html.

import { $ } from "./dom.js";

/** Shows the question; resolves to true when the reader confirms with the button `yes`. */
export function sure(title, text, yes) {
  $("#sure-title").textContent = title;
  $("#sure-text").textContent = text;
  $("#sure-yes").textContent = yes;
  return answered($("#sure-dialog"));
}

/** Opens a dialog whose form answers "yes" or "no". */
export function answered(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
