// Somebody who is signed in already goes on at once, unless a fresh sign-in is what they came for.

import { address } from "./dom.js";
import * as session from "./session.js";

const page = document.querySelector("[data-next]");
if (session.isSignedIn() && !("again" in page.dataset)) location.replace(page.dataset.next || address("/create"));
