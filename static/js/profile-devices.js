// Where you are signed in, and what happened to the account.

import { attempt, pages, small } from "./account.js";
import * as api from "./api.js";
import { $, filling, h, icon } from "./dom.js";
import { ago } from "./format.js";
import { sure } from "./sure.js";
import { fill, gettext } from "./words.js";

const onPhone = /iPhone|Android/;

function deviceRow(device) {
  const facts = [device.ip, fill(gettext("seen %(when)s"), { when: ago(device.last_seen_at) }), fill(gettext("signed in %(when)s"), { when: ago(device.created_at) })];
  return h(
    "li",
    {},
    h(
      "div.row.row--top",
      {},
      icon(onPhone.test(device.device) ? "smartphone" : "monitor"),
      h("div", {}, h("strong", {}, device.device || gettext("Unknown device")), h("p.label__facts", {}, ...facts.map((fact) => h("span", {}, fact)))),
    ),
    device.is_current
      ? h("span.badge.badge--good", {}, icon("check"), gettext("This one"))
      : small(gettext("Sign out"), () =>
          attempt(async () => {
            await api.remove(`/me/sessions/${device.id}`);
            await showDevices();
          }),
        ),
  );
}

async function showDevices() {
  const devices = await api.get("/me/sessions");
  devices.sort((one, other) => Number(other.is_current) - Number(one.is_current));
  $("#devices").replaceChildren(...devices.map(deviceRow));
  $("#end-others").hidden = devices.length < 2;
}

$("#end-others").addEventListener("click", async () => {
  if (!(await sure(gettext("Sign out everywhere else?"), gettext("All other browsers are signed out at once. API keys go on working."), gettext("Sign out")))) return;
  attempt(async () => {
    await api.remove("/me/sessions");
    await showDevices();
  });
});

function eventRow(event) {
  const facts = [event.device, event.ip, ago(event.created_at)].filter(Boolean);
  return h("li", {}, h("div", {}, event.title, h("p.label__facts", {}, ...facts.map((fact) => h("span", {}, fact)))));
}

if (api.requireSignIn()) {
  attempt(() => filling("#devices", showDevices));
  attempt(() => filling("#events", () => pages("/me/security-events", $("#events"), $("#events-more"), eventRow)));
}
