// The bell in the top bar: how many notices are unread, as it changes.

import { get } from "./api.js";
import { $ } from "./dom.js";
import { listen } from "./events.js";
import * as session from "./session.js";
import { fill, gettext, ngettext } from "./words.js";

export function showUnread(count) {
  const place = $("#unread");
  place.hidden = count === 0;
  place.textContent = count > 99 ? "99+" : String(count);
  $("#bell").setAttribute("aria-label", count ? fill(ngettext("Notices: %(count)s unread", "Notices: %(count)s unread", count), { count }) : gettext("Notices"));
}

if (session.isSignedIn()) {
  get("/me", { anonymous: true }).then((me) => showUnread(me.unread_notices), () => {});
  listen({ notice: ({ unread }) => showUnread(unread) });
}
