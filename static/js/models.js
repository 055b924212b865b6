// Searching while typing and choosing: the page of the new address is fetched and its list shown; the address follows.

import { $, debounced } from "./dom.js";

const form = $("#model-filters");
let running = null;

async function show() {
  const chosen = [...new FormData(form)].filter(([, value]) => value);
  const address = `${location.pathname}?${new URLSearchParams(chosen)}`;
  running?.abort();
  running = new AbortController();
  try {
    const answer = await fetch(address, { signal: running.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement?.id;
    for (const id of ["model-narrowing", "models-found"]) document.getElementById(id).replaceWith(page.getElementById(id));
    if (focused) document.getElementById(focused)?.focus();
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

$("#model-search").addEventListener("input", debounced(250, show));
form.addEventListener("change", (event) => event.target.matches("select") && show());
