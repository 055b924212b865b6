// The end of every sign-in: the session cookie is exchanged for access tokens, which from here on live in local storage.

import { Problem, get, offline } from "./api.js";
import { $, address } from "./dom.js";
import * as session from "./session.js";
import { language } from "./words.js";

async function exchange() {
  const response = await fetch("/api/v1/auth/token", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": $("[name=csrfmiddlewaretoken]").value, "Accept-Language": language, Accept: "application/json" },
  }).catch(() => {
    throw offline();
  });
  const body = await response.json();
  if (!response.ok) throw new Problem(body, response);
  session.save(body);
}

/** The profile's choices, unless this browser has made its own. */
async function adoptPreferences() {
  const profile = await get("/me");
  if (!localStorage.getItem("nb.language")) localStorage.setItem("nb.language", profile.language);
  if (!localStorage.getItem("nb.theme")) localStorage.setItem("nb.theme", profile.theme);
}

/** Whom an access token names. */
const owner = ({ access }) => JSON.parse(atob(access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub;

const before = session.tokens();
try {
  await exchange();
  let next = $("#signing-in").dataset.next;
  if (before) {
    // A fresh sign-in takes the place of the one before; the page that asked for it belongs to that person alone.
    await session.endFamily(before);
    if (owner(before) !== owner(session.tokens())) next = "";
  }
  await adoptPreferences();
  location.replace(next || address("/create"));
} catch (problem) {
  $("#signing-in").hidden = true;
  $("#signing-in-failed").hidden = false;
  $("#signing-in-reason").textContent = problem.message;
}
