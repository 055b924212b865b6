// The list of models: by task within a kind, or whatever matches a search in all kinds.

import { $, $$, h, icon } from "./dom.js";

const ICONS = { image: "image", video: "film", music: "music", speech: "mic", avatar: "scan-face", text: "type" };

/** `chosen(model)` when somebody takes one. The result shows which one is taken. */
export function choosePicker(models, tasks, { chosen }) {
  const fold = $("#picker");
  const list = $("#picker-list");
  const search = $("#picker-search");
  let kind = "";
  let taken = "";

  /** Models of one kind by their first task; with a search, those of all kinds that have its words. */
  function draw() {
    const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length ? models.filter((one) => words.every((word) => text(one).includes(word))) : models.filter((one) => one.modality === kind);
    const groups = grouped(found);
    const parts = Object.keys(tasks).filter((task) => groups.has(task));
    list.replaceChildren(
      ...parts.flatMap((task) => [parts.length > 1 ? h("p.picker__task.small.quiet", {}, tasks[task]) : null, ...groups.get(task).map((one) => option(one, words.length > 0))]).filter(Boolean),
    );
    $("#picker-none").hidden = found.length > 0;
  }

  function option(one, withKind) {
    const radio = h("input", { type: "radio", name: "model", value: one.slug, checked: one.slug === taken, onchange: () => chosen(one) });
    radio.addEventListener("click", (event) => event.detail && close());
    return h(
      "label.picker__option",
      {},
      radio,
      h("strong", {}, withKind ? icon(ICONS[one.modality], "small") : null, one.name),
      h("span.price.quiet", {}, one.pricing.summary),
      h("span.quiet.clamp", {}, one.description),
    );
  }

  function text(one) {
    const purposes = one.tasks.map((task) => tasks[task]).join(" ");
    return `${one.name} ${purposes} ${one.description} ${one.slug}`.toLocaleLowerCase();
  }

  function close() {
    fold.open = false;
    search.value = "";
    draw();
  }

  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = $("input", list);
    if (first) first.click();
    close();
  });
  fold.addEventListener("toggle", () => {
    if (fold.open && matchMedia("(hover: hover)").matches) search.focus();
    if (fold.open) $(".picker__option:has(:checked)", list)?.scrollIntoView({ block: "nearest" });
  });

  return {
    show(model) {
      taken = model.slug;
      if (model.modality === kind || search.value) for (const radio of $$("input", list)) radio.checked = radio.value === taken;
      else {
        kind = model.modality;
        draw();
      }
      kind = model.modality;
    },
  };
}

function grouped(models) {
  const groups = new Map();
  for (const one of models) groups.set(one.tasks[0], [...(groups.get(one.tasks[0]) ?? []), one]);
  return groups;
}
