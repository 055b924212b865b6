// A result for another app of the device, where the browser can hand files over: on phones, mostly.

import { h, icon } from "./dom.js";
import { toast } from "./toast.js";
import { gettext } from "./words.js";

const nameOf = ({ model, id }, { mime }) => `${model}-${id.slice(0, 8)}.${mime.split("/")[1].replace("mpeg", "mp3")}`;

/** The button, or null where files of this kind cannot be handed over. */
export function shareButton(generation, kind = "") {
  const asset = generation.assets[0];
  const file = (parts) => new File(parts, nameOf(generation, asset), { type: asset.mime });
  if (!asset || !navigator.canShare?.({ files: [file([])] })) return null;
  const button = h(`button.button${kind ? `.button--${kind}` : ""}`, { type: "button" }, icon("upload", "small"), gettext("Share"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await navigator.share({ files: [file([await (await fetch(asset.url)).blob()])] });
    } catch (error) {
      if (error.name !== "AbortError") toast(gettext("The file could not be handed over. Download it instead."));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
