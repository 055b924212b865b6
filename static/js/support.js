// A letter to support, and the answers to earlier ones.

import * as api from "./api.js";
import { $, h } from "./dom.js";
import { moment } from "./format.js";
import * as session from "./session.js";
import { fill, gettext } from "./words.js";

const form = $("#letter");
const problemPlace = $("#letter-problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problemPlace.hidden = true;
  try {
    const sent = await api.post("/support-messages", Object.fromEntries(new FormData(form)), { anonymous: true });
    form.hidden = true;
    $("#letter-said").textContent = fill(gettext("We have your letter. A person answers by %(when)s."), { when: moment(sent.deadline) });
    $("#letter-sent").hidden = false;
    $("#letter-sent").scrollIntoView({ block: "nearest" });
    if (session.isSignedIn()) await showAnswers();
  } catch (problem) {
    problemPlace.textContent = problem.errors?.[0]?.detail ?? problem.message;
    problemPlace.hidden = false;
  }
});

function answerRow(message) {
  const answer = message.answer || (message.status === "open" ? fill(gettext("Answered by %(when)s at the latest."), { when: moment(message.deadline) }) : gettext("Closed."));
  return h("li", {}, h("span.quiet.small", {}, moment(message.created_at)), h("p.anywhere", {}, message.text), h("p.anywhere", {}, h("strong", {}, answer)));
}

async function showAnswers() {
  const { results } = await api.get("/me/support-messages");
  $("#answers").replaceChildren(...results.map(answerRow));
  $("#answers-section").hidden = results.length === 0;
}

if (session.isSignedIn()) {
  api.get("/me", { anonymous: true }).then((me) => ($("#letter-contact").value ||= me.email ?? ""), () => {});
  showAnswers().catch(() => {});
}
