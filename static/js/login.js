// Somebody who is signed in already goes on at once.

import { address } from "./dom.js";
import * as session from "./session.js";

if (session.isSignedIn()) location.replace(document.querySelector("[data-next]").dataset.next || address("/create"));
