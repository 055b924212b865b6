// Bars, drawn as SVG with attributes alone: the page's policy allows no inline styles.

import { number } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 180;
const FOOT = 22;

function element(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

/** `points` are `{ value, label }`, oldest first. The first and the last label stand below, each bar has its own title. */
export function bars(points, width) {
  const most = Math.max(1, ...points.map((point) => point.value));
  const step = width / points.length;
  const drawing = element("svg", { viewBox: `0 0 ${width} ${HEIGHT + FOOT}`, class: "bars", "aria-hidden": "true", focusable: "false" });
  drawing.append(element("line", { x1: 0, x2: width, y1: HEIGHT, y2: HEIGHT, class: "bars__line" }));
  points.forEach(({ value, label }, index) => {
    const height = value ? Math.max(3, (value / most) * (HEIGHT - 20)) : 0;
    const bar = element("rect", { x: index * step + step * 0.15, y: HEIGHT - height, width: step * 0.7, height, rx: 2, class: "bars__bar" });
    bar.append(element("title", {}, `${label}: ${number(value)}`));
    drawing.append(bar);
  });
  drawing.append(
    element("text", { x: 0, y: 12, class: "bars__text" }, points.some((point) => point.value) ? number(most) : ""),
    element("text", { x: 0, y: HEIGHT + 17, class: "bars__text" }, points[0]?.label ?? ""),
    element("text", { x: width, y: HEIGHT + 17, "text-anchor": "end", class: "bars__text" }, points.at(-1)?.label ?? ""),
  );
  return drawing;
}
