// The wanted page travels through the sign-in as `next`; somebody who is signed in already goes on at once.

import { $, address } from "./dom.js";
import * as session from "./session.js";

export function wantedPage() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  // Only a path of this site: "//host" and "/\host" would leave it.
  return /^\/(?![/\\])/.test(wanted) ? wanted : address("/create");
}

if (session.isSignedIn()) location.replace(wantedPage());

const form = $("#dummy-login");
if (form) form.action += `?next=${encodeURIComponent(`${address("/login/complete")}?next=${encodeURIComponent(wantedPage())}`)}`;
