// What the service has to say, and what of it comes by e-mail too.

import { attempt, pages, small } from "./account.js";
import * as api from "./api.js";
import { showUnread } from "./bell.js";
import { $, $$, address, filling, h } from "./dom.js";
import { ago } from "./format.js";
import { listen } from "./events.js";
import { gettext } from "./words.js";

function row(notice) {
  const read = notice.read_at ? null : small(gettext("Mark as read"), () => attempt(mark));
  const title = notice.link ? h("a", { href: address(notice.link), onclick: () => notice.read_at ?? mark() }, notice.title) : notice.title;
  const box = h(
    "li",
    { dataset: notice.read_at ? {} : { unread: "" } },
    h("div", {}, h("strong", {}, title), notice.body ? h("p.small.anywhere", {}, notice.body) : null, h("p.tiny.quiet", {}, ago(notice.created_at))),
    read,
  );
  async function mark() {
    notice.read_at = new Date().toISOString();
    await api.post(`/me/notices/${notice.id}/read`);
    delete box.dataset.unread;
    read.remove();
  }
  return box;
}

async function show() {
  $("#notices").replaceChildren();
  const count = await pages("/me/notices", $("#notices"), $("#notices-more"), row);
  if (!count) $("#notices").append(h("li.quiet.small", {}, gettext("Nothing new.")));
  $("#read-all").disabled = $("#notices [data-unread]") === null;
}

$("#read-all").addEventListener("click", () =>
  attempt(async () => {
    await api.post("/me/notices/read");
    await show();
  }),
);

async function showSettings() {
  const { notice_settings: chosen, unread_notices: unread, email } = await api.get("/me");
  showUnread(unread);
  $("#no-email").hidden = email !== null;
  for (const box of $$("#notice-settings input")) {
    box.checked = chosen[box.name];
    box.disabled = false;
  }
}

$("#notice-settings").addEventListener("change", ({ target }) =>
  attempt(async () => {
    await api.patch("/me", { notice_settings: { [target.name]: target.checked } });
    $("#settings-said").textContent = gettext("Saved");
  }),
);

if (api.requireSignIn()) {
  attempt(() => filling("#notices", show));
  attempt(showSettings);
  let known = null;
  listen({
    notice: ({ unread }) => {
      if (known !== null && unread > known) attempt(show);
      known = unread;
    },
  });
}
