// Runs before the first paint: the chosen theme, and the chosen language where the address does not name one.
(function () {
  "use strict";
  var root = document.documentElement;
  function read(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }
  var theme = read("nb.theme");
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  root.dataset.theme = theme === "light" || theme === "dark" ? theme : dark.matches ? "dark" : "light";
  root.dataset.script = "";
  root.dataset.session = read("nb.jwt") || sessionStorage.getItem("nb.view") ? "in" : "out";

  var language = read("nb.language");
  var prefixed = /^\/(ru|en)(\/|$)/.test(location.pathname);
  // Some pages have one address for all languages: a step of a sign-in, the back office.
  if (!prefixed && !("oneAddress" in root.dataset) && (language === "ru" || language === "en") && language !== root.lang) {
    location.replace("/" + language + location.pathname + location.search + location.hash);
  }
})();
