// Security keys: the browser signs the site's challenge, and the form carries the signature.

import { $, $$ } from "./dom.js";
import { gettext } from "./words.js";

async function options(form) {
  const body = new FormData(form);
  body.set("step", "key-options");
  const response = await fetch(location.href, { method: "POST", body, credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).publicKey;
}

async function sign(form) {
  const asked = await options(form);
  if (form.dataset.key === "check-key") {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
}

for (const form of $$("form[data-key]")) {
  const problem = $(".field__error", form);
  if (!globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    problem.textContent = gettext("This browser cannot use security keys.");
    problem.hidden = false;
    $("button", form).disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const signed = await sign(form);
      for (const [name, value] of [
        ["step", form.dataset.key],
        ["answer", JSON.stringify(signed.toJSON())],
      ]) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
      form.submit();
    } catch {
      problem.textContent = gettext("The key did not answer. Try once more.");
      problem.hidden = false;
    }
  });
}
