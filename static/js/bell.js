// The bell in the top bar: how many notices are unread, as it changes; and what every page of an account has to say.

import { get } from "./api.js";
import { $, address, h, icon } from "./dom.js";
import { listen } from "./events.js";
import * as session from "./session.js";
import { fill, gettext, language, ngettext } from "./words.js";

export function showUnread(count) {
  const place = $("#unread");
  place.hidden = count === 0;
  place.textContent = count > 99 ? "99+" : String(count);
  $("#bell").setAttribute("aria-label", count ? fill(ngettext("Notices: %(count)s unread", "Notices: %(count)s unread", count), { count }) : gettext("Notices"));
}

/** Staff who look at somebody's account never forget that they do. */
function showLook(look) {
  const end = () => {
    session.endView();
    location.assign(look.back);
  };
  const until = new Date(look.until).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const text = fill(gettext("You see the account of %(name)s, read-only, until %(until)s."), { name: look.name, until });
  $("header.top").before(h("div.looking", { role: "status" }, icon("eye", "small"), h("span", {}, text), h("button.button.button--small", { type: "button", onclick: end }, gettext("End"))));
}

/** Staff have frozen the account: every page says why, and where to object. */
function showFrozen({ reason }) {
  const text = fill(gettext("Your account is frozen: tokens cannot be spent or bought, and keys and logins cannot be changed now. Reason: %(reason)s"), { reason });
  const said = h("p.row.row--top", {}, icon("circle-alert", "small"), h("span.anywhere", {}, text, " ", h("a", { href: `${address("/support")}?topic=appeal` }, gettext("Object"))));
  $("main").before(h("aside.banner.banner--frozen", { ariaLabel: gettext("Your account") }, h("div.banner__inner", {}, said)));
}

const look = session.view();
if (look) showLook(look);
if (session.isSignedIn()) {
  get("/me", { anonymous: true }).then(
    (me) => {
      showUnread(me.unread_notices);
      if (me.frozen) showFrozen(me.frozen);
    },
    () => {},
  );
  listen({ notice: ({ unread }) => showUnread(unread) });
}
