// A place to drop, paste or choose files. A file is sent at once; the form then holds only the id of the upload.

import { Problem, accessToken, goToSignIn, offline } from "./api.js";
import { h, icon } from "./dom.js";
import { bytes } from "./format.js";
import { fill, gettext, language } from "./words.js";

const ACCEPTED = { image: "image/*", audio: "audio/*", video: "video/*" };

/** Sends one file. `progress(share)` is called on the way. Resolves to the upload as the API describes it. */
export async function upload(file, { progress = () => {}, signal } = {}) {
  const access = await accessToken();
  if (!access) goToSignIn();
  return new Promise((resolve, reject) => {
    // Not fetch: only this one reports how much has been sent.
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/uploads");
    request.setRequestHeader("Authorization", `Bearer ${access}`);
    request.setRequestHeader("Accept-Language", language);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Problem(request.response ?? { title: gettext("The file was not accepted") }, { status: request.status, headers: new Headers() }));
    });
    request.addEventListener("error", () => reject(offline()));
    signal?.addEventListener("abort", () => request.abort());
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  });
}

export function uploadControl(schema, { id, changed }) {
  const isList = schema.type === "array";
  const most = isList ? (schema.maxItems ?? 10) : 1;
  const types = schema["x-accept-types"] ?? schema.items?.["x-accept-types"];
  const kind = schema["x-accept"] ?? schema.items?.["x-accept"];
  const items = [];
  const list = h("div.stack.stack--tight");
  const input = h("input", { type: "file", id, multiple: isList });
  const accepted = (Array.isArray(kind) ? kind : [kind]).map((one) => ACCEPTED[one]).filter(Boolean);
  if (types) input.accept = types.join(",");
  else if (accepted.length) input.accept = accepted.join(",");
  const drop = h("div.drop", {}, icon("upload"), h("span.drop__text", {}, gettext("Drop a file here, paste it, or press to choose")), input);
  const element = h("div.stack.stack--tight", {}, list, drop);
  const target = input;

  function show() {
    drop.hidden = items.length >= most;
  }

  function add(file) {
    if (items.length >= most) return;
    const item = { upload: null, busy: true, stop: new AbortController() };
    const row = h("div.drop.drop--filled");
    const text = h("span.drop__text");
    const bar = h("progress", { max: 1, value: 0, ariaLabel: gettext("Sending") });
    const removal = h(
      "button.button.button--plain.button--icon.button--small.drop__remove",
      { type: "button", ariaLabel: fill(gettext("Remove %(name)s"), { name: file.name }), onclick: () => remove(item) },
      icon("x", "small"),
    );
    item.element = row;
    text.append(h("span", {}, file.name), h("br"), h("span.quiet", {}, bytes(file.size)), bar);
    row.append(preview(file, item), text, removal);
    items.push(item);
    list.append(row);
    show();
    changed();
    upload(file, { progress: (share) => (bar.value = share), signal: item.stop.signal }).then(
      (answer) => {
        Object.assign(item, { upload: answer.id, busy: false });
        bar.remove();
        changed();
      },
      (problem) => {
        item.busy = false;
        item.failed = true;
        bar.remove();
        text.append(h("span.field__error", {}, problem.errors?.[0]?.detail ?? problem.message));
        changed();
      },
    );
  }

  function remove(item) {
    item.stop.abort();
    if (item.preview) URL.revokeObjectURL(item.preview);
    items.splice(items.indexOf(item), 1);
    item.element.remove();
    show();
    changed();
    input.focus();
  }

  input.addEventListener("change", () => {
    [...input.files].forEach(add);
    input.value = "";
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.dataset.over = "";
  });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    [...event.dataTransfer.files].forEach(add);
  });
  element.dataset.takesFiles = "";
  element.takeFile = add;

  return {
    element,
    target,
    isBusy: () => items.some((item) => item.busy),
    read() {
      const ready = items.filter((item) => item.upload).map((item) => ({ upload: item.upload }));
      return isList ? (ready.length ? ready : undefined) : ready[0];
    },
    /** An id of an earlier upload has no file to show: it is named by its id. A File is sent anew. */
    fill(value) {
      for (const one of [value ?? []].flat()) if (one instanceof File) add(one);
    },
  };
}

function preview(file, item) {
  if (file.type.startsWith("image/")) {
    item.preview = URL.createObjectURL(file);
    return h("img.drop__preview", { src: item.preview, alt: "" });
  }
  return icon(file.type.startsWith("video/") ? "film" : file.type.startsWith("audio/") ? "music" : "file-text");
}

// Pasting anywhere puts the file into the first place that still takes one.
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const place = files.length ? document.querySelector("[data-takes-files]") : null;
  if (!place) return;
  event.preventDefault();
  files.forEach((file) => place.takeFile(file));
});
