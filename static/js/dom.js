// Building elements. Text is always set as text: nothing that a person typed is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** `h("button.button", { type: "button", onclick }, "Text", child)`. Properties win over attributes; null is skipped. */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !["list", "form", "width", "height"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", size ? `icon icon--${size}` : "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Data that the page carries for its scripts. */
export function pageData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** An address of this site in the language of this page. */
export function address(path) {
  const prefix = /^\/(ru|en)(?=\/|$)/.exec(location.pathname);
  return (prefix ? prefix[0] : "") + path;
}

/** Runs what fills a part of the page. Until then the part is busy, and what follows it is not shown (layout.css). */
export async function filling(place, run) {
  try {
    return await run();
  } finally {
    $(place).removeAttribute("aria-busy");
  }
}

/** Scrolls a row sideways so that one of its items is in its middle. The page itself does not move. */
export function centre(row, item) {
  const [outer, inner] = [row.getBoundingClientRect(), item.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

export function debounced(milliseconds, run) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds, ...values);
  };
}
