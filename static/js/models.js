// Searching while typing: the page of the new address is fetched and its list shown; the address follows.

import { $, debounced } from "./dom.js";

const form = $("#model-filters");
let running = null;

async function show() {
  const address = `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(address, { signal: running.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    $("#models-found").replaceChildren(...$("#models-found", page).childNodes);
    $("nav", form).replaceWith($("#model-filters nav", page));
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

$("#model-search").addEventListener("input", debounced(250, show));
