// What every page has: theme, language, the balance, keys.

import { $, $$, centre } from "./dom.js";
import { listen } from "./events.js";
import { number, tokens as inTokens } from "./format.js";
import { get } from "./api.js";
import "./consent.js";
import * as session from "./session.js";
import { fill, gettext } from "./words.js";

const root = document.documentElement;

function showTheme() {
  for (const button of $$("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  }
}

export function chooseTheme(theme) {
  localStorage.setItem("nb.theme", theme);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = theme === "system" ? (dark ? "dark" : "light") : theme;
  showTheme();
}

for (const button of $$("[data-theme-choice]")) {
  button.addEventListener("click", () => chooseTheme(button.dataset.themeChoice));
}
for (const link of $$("[data-language]")) {
  link.addEventListener("click", () => localStorage.setItem("nb.language", link.dataset.language));
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
  if (["light", "dark"].includes(localStorage.getItem("nb.theme"))) return;
  root.dataset.theme = event.matches ? "dark" : "light";
  showTheme();
});
showTheme();

// On a phone the pages of the account, and the documents, do not fit beside each other: the present one is in sight.
for (const row of $$(".account-nav, .doc-nav")) {
  const here = $("[aria-current]", row);
  if (here) centre(row, here);
}

// --- the balance: always visible, always true --------------------------------------------------
export function showBalance(balance) {
  for (const place of $$("[data-balance]")) {
    const value = balance[place.dataset.balance];
    if (place.dataset.balance === "held") {
      place.hidden = value === 0;
      place.textContent = fill(gettext("%(count)s set aside"), { count: number(value) });
    } else {
      place.textContent = inTokens(value);
    }
  }
  dispatchEvent(new CustomEvent("nb:balance", { detail: balance }));
}

if (session.isSignedIn()) {
  get("/balance", { anonymous: true }).then(showBalance, () => {});
  listen({ balance: showBalance });
}
session.onChangeElsewhere((signedIn) => {
  root.dataset.session = signedIn ? "in" : "out";
});
addEventListener("storage", (event) => {
  if (event.key === "nb.theme" && event.newValue) {
    root.dataset.theme = event.newValue === "dark" ? "dark" : "light";
    showTheme();
  }
});

// --- keys ---------------------------------------------------------------------------------------
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    const prompt = $("[data-prompt]");
    if (!prompt) return;
    event.preventDefault();
    prompt.focus();
  } else if (event.key === "?") {
    $("#keyboard-help").showModal();
  }
});

// --- copying ------------------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText($(button.dataset.copies).textContent);
  const label = $("[data-label]", button) ?? button;
  const before = label.textContent;
  label.textContent = gettext("Copied");
  setTimeout(() => (label.textContent = before), 1500);
});

// --- tabs: panels follow their buttons; without a script all panels are shown ---------------------
for (const list of $$("[data-tabs]")) {
  const tabs = $$("button", list);
  const open = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  };
  list.addEventListener("click", (event) => tabs.includes(event.target.closest("button")) && open(event.target.closest("button")));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    open(next);
  });
  open(tabs[0]);
}
