// The link of the letter to a new address: what proves it stands behind the `#`, and goes to the API once.

import * as api from "./api.js";
import { $ } from "./dom.js";
import * as session from "./session.js";
import { fill, gettext } from "./words.js";

const token = location.hash.slice(1);

function say(title, text, way) {
  $("#confirming-title").textContent = title;
  $("#confirming-text").textContent = text;
  for (const place of ["way", "sign-in"]) $(`#confirming-${place}`).hidden = place !== way;
}

async function confirm() {
  try {
    const me = await api.post("/me/email/confirm", { token }, { anonymous: true });
    history.replaceState(null, "", location.pathname);
    say(gettext("The address is confirmed"), fill(gettext("Letters about your account now go to %(email)s."), { email: me.email }), "way");
  } catch (problem) {
    if (problem.status === 401) askToSignIn();
    else say(gettext("The address was not confirmed"), problem.message, "way");
  }
}

/** The sign-in opens beside this page, which keeps the link and goes on by itself. */
function askToSignIn() {
  say(gettext("Please sign in"), gettext("To the account that asked for the letter. This page then goes on by itself."), "sign-in");
  let begun = false;
  session.onChangeElsewhere((signedIn) => {
    if (!signedIn || begun) return;
    begun = true;
    confirm();
  });
}

if (!token) say(gettext("The address was not confirmed"), gettext("Please open the whole link of the letter."), "way");
else if (session.isSignedIn()) confirm();
else askToSignIn();
