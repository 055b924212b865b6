// A document that people agree to has changed: nothing is ordered or bought before they have agreed to it again.
// Asked where one orders or buys, and whenever an order or a purchase was refused for it. Everything else stays open.

import * as api from "./api.js";
import { $, $$, address, h } from "./dom.js";
import { toast } from "./toast.js";
import * as session from "./session.js";
import { gettext } from "./words.js";

const ORDERING = /^(\/(ru|en))?\/(create|compare|wallet)(\/|$)/;
const dialog = $("#consent-dialog");
let versions = [];

async function wanted() {
  const { wanted: all } = await api.get("/me/consents");
  return all.filter((one) => new Date(one.effective_at) <= Date.now());
}

function row(one) {
  return h(
    "div",
    {},
    h("a", { href: address(`/legal/${one.document}/history?to=${one.number}`), target: "_blank" }, one.title),
    one.change ? h("p.small.quiet", {}, one.change) : null,
  );
}

async function ask() {
  if (dialog.open) return;
  const documents = await wanted();
  if (!documents.length || dialog.open) return;
  versions = documents.map((one) => one.version_id);
  $("#consent-documents").replaceChildren(...documents.map(row));
  dialog.showModal();
}

$("#consent-agree")?.addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  try {
    await api.post("/me/consents", { versions });
    dialog.close();
    // What was refused for it is refused no longer.
    for (const refusal of $$("#order-problem, #buy-problem")) refusal.replaceChildren();
    toast(gettext("Thank you. You can order and buy again."));
  } catch (problem) {
    toast(problem.message);
  }
  currentTarget.disabled = false;
});

const quietly = () => ask().catch(() => {});
if (dialog) {
  addEventListener("nb:consent", quietly);
  if (session.isSignedIn() && !session.view() && "asksAgain" in document.body.dataset && ORDERING.test(location.pathname)) quietly();
}
