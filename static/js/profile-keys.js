// API keys: made, limited, rotated, revoked. The secret is shown once.

import { askToSignInAgain, attempt, small } from "./account.js";
import * as api from "./api.js";
import { $, address, filling, h, icon } from "./dom.js";
import { ago, day } from "./format.js";
import { WINDOWS, cap } from "./key-caps.js";
import { answered, sure } from "./sure.js";
import { fill, gettext } from "./words.js";

const SCOPES = { read: () => gettext("reads"), generate: () => gettext("creates"), billing: () => gettext("sees payments") };

/** Why a key no longer works; null while it does. */
function ended(key) {
  if (key.revoked_at) return fill(gettext("revoked %(when)s"), { when: day(key.revoked_at) });
  if (key.expires_at && new Date(key.expires_at) <= new Date()) return fill(gettext("expired %(when)s"), { when: day(key.expires_at) });
  return null;
}

/** A network of one address is that address. */
const plainAddress = (network) => network.replace(/(?<=\.\d+)\/32$|(?<=:[\da-f]*)\/128$/, "");

function keyRow(key) {
  const over = ended(key);
  const used = key.last_used_at ? fill(gettext("used %(when)s"), { when: ago(key.last_used_at) }) : gettext("not used yet");
  const old = key.secrets.find((secret) => secret.expires_at && new Date(secret.expires_at) > new Date());
  const facts = [
    `…${key.last_four}`,
    key.scopes.map((scope) => SCOPES[scope]?.() ?? scope).join(", "),
    ...Object.entries(key.caps).map(([window, tokens]) => cap(window, tokens)),
    key.allowed_ips.length ? fill(gettext("only from %(addresses)s"), { addresses: key.allowed_ips.map(plainAddress).join(", ") }) : null,
    key.expires_at && !over ? fill(gettext("until %(when)s"), { when: day(key.expires_at) }) : null,
    old ? fill(gettext("the old secret works until %(when)s"), { when: ago(old.expires_at) }) : null,
    over ?? used,
  ];
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("strong", {}, h("a", { href: address(`/keys/${key.id}`) }, key.name)),
      h("p.label__facts", {}, ...facts.filter(Boolean).map((fact) => h("span.anywhere", {}, fact))),
    ),
    over
      ? h("span.badge", {}, icon("ban"), key.revoked_at ? gettext("Revoked") : gettext("Expired"))
      : h("div.row", {}, small(gettext("Rotate"), () => rotate(key)), small(gettext("Revoke"), () => revoke(key))),
  );
}

async function showKeys() {
  const { results } = await api.get("/me/api-keys?page_size=100");
  results.sort((one, other) => Number(ended(one) !== null) - Number(ended(other) !== null));
  $("#keys").replaceChildren(...(results.length ? results.map(keyRow) : [h("li.quiet.small", {}, gettext("No keys yet."))]));
}

function showSecret(secret) {
  $("#secret-text").textContent = secret;
  $("#secret").hidden = false;
  $("#secret").scrollIntoView({ block: "nearest" });
}

$("#secret-done").addEventListener("click", () => {
  $("#secret-text").textContent = "";
  $("#secret").hidden = true;
});
$("#new-key").addEventListener("click", () => $("#key-dialog").showModal());
$("#key-dialog [data-closes]").addEventListener("click", () => $("#key-dialog").close());

/** The form as the API wants it: what is left empty is not limited. */
function wanted(data) {
  const body = { name: data.get("name"), scopes: data.getAll("scopes") };
  const caps = Object.fromEntries(WINDOWS.filter((window) => data.get(window) !== "").map((window) => [window, Number(data.get(window))]));
  if (Object.keys(caps).length) body.caps = caps;
  const addresses = data.get("ips").split(/[\s,]+/).filter(Boolean);
  if (addresses.length) body.allowed_ips = addresses;
  if (data.get("until")) body.expires_at = new Date(`${data.get("until")}T23:59:59`).toISOString();
  return body;
}

$("#key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = $("#key-problem");
  place.hidden = true;
  try {
    const made = await api.post("/me/api-keys", wanted(new FormData(event.target)));
    $("#key-dialog").close();
    event.target.reset();
    showSecret(made.secret);
    await showKeys();
  } catch (problem) {
    if (problem.code === "recent_sign_in_required") {
      $("#key-dialog").close();
      askToSignInAgain();
      return;
    }
    place.textContent = problem.errors?.[0]?.detail ?? problem.message;
    place.hidden = false;
  }
});

async function rotate(key) {
  if (!(await answered($("#rotate-dialog")))) return;
  attempt(async () => {
    const overlap = Number($("#rotate-overlap").value);
    showSecret((await api.post(`/me/api-keys/${key.id}/rotate`, { overlap_seconds: overlap })).secret);
    await showKeys();
  });
}

async function revoke(key) {
  if (!(await sure(gettext("Revoke this key?"), gettext("Programs that use it stop at once. This cannot be undone."), gettext("Revoke")))) return;
  attempt(async () => {
    await api.remove(`/me/api-keys/${key.id}`);
    await showKeys();
  });
}

if (api.requireSignIn()) attempt(() => filling("#keys", showKeys));
