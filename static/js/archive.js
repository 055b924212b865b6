// Many files as one: the server packs them, the browser downloads.

import * as api from "./api.js";
import { h } from "./dom.js";

/** Begins the download; the result says how many files it holds and how large it is. */
export async function downloadZip(ids) {
  const archive = await api.post("/generations/download", { ids });
  h("a", { href: archive.url, download: "" }).click();
  return archive;
}
