// Copies the third-party files that the website uses from node_modules to static/vendor and records where each came
// from. The result is committed, so neither running nor testing the site needs Node.js. Two runs give the same bytes.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const target = path.join(root, "static", "vendor");

const FONTS = [
  { package: "@fontsource-variable/onest", family: "Onest Variable", folder: "onest", subsets: ["latin", "latin-ext", "cyrillic"] },
  { package: "@fontsource-variable/jetbrains-mono", family: "JetBrains Mono Variable", folder: "jetbrains-mono", subsets: ["latin", "cyrillic"] },
];

const ICONS = [
  "arrow-left", "arrow-right", "arrow-up-right", "ban", "bell", "book-open", "check", "chevron-down", "chevron-right", "circle-alert",
  "circle-check", "circle-help", "circle-user-round", "circle-x", "clock", "code-xml", "copy", "download", "external-link", "eye", "eye-off",
  "file-text", "film", "funnel", "gauge", "history", "image", "image-plus", "info", "key-round", "languages", "layout-grid", "lock",
  "log-in", "log-out", "mail", "menu", "message-square-text", "mic", "monitor", "moon", "music", "palette", "pause", "pencil", "play",
  "plus", "receipt-text", "refresh-cw", "repeat", "rotate-ccw", "scan-face", "search", "settings-2", "shield-check", "sliders-horizontal",
  "smartphone", "sparkles", "square-check", "sun", "trash-2", "triangle-alert", "type", "upload", "user-round", "volume-2", "wallet", "wand-sparkles", "x",
];

const manifest = [];

async function packageInfo(name) {
  const folder = path.join(root, "node_modules", ...name.split("/"));
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  return { folder, version, license };
}

async function put(relative, content, source) {
  const file = path.join(target, relative);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  manifest.push({ file: relative, ...source, sha256: createHash("sha256").update(content).digest("hex") });
}

async function fonts() {
  const faces = [];
  for (const font of FONTS) {
    const { folder, version, license } = await packageInfo(font.package);
    const source = { package: font.package, version, license };
    const ranges = JSON.parse(await readFile(path.join(folder, "unicode.json"), "utf8"));
    const weights = /font-weight:\s*([\d ]+);/.exec(await readFile(path.join(folder, "index.css"), "utf8"))[1];
    for (const subset of font.subsets) {
      const name = `${font.folder}-${subset}-wght-normal.woff2`;
      await put(`fonts/${name}`, await readFile(path.join(folder, "files", name)), source);
      faces.push(
        `@font-face {\n  font-family: "${font.family}";\n  font-style: normal;\n  font-display: swap;\n  font-weight: ${weights};\n` +
          `  src: url("./${name}") format("woff2");\n  unicode-range: ${ranges[subset]};\n}\n`,
      );
    }
    await put(`licences/${font.folder}.txt`, await readFile(path.join(folder, "LICENSE")), source);
  }
  await put("fonts/fonts.css", faces.join("\n"), { package: FONTS.map((font) => font.package).join(", "), version: "", license: "OFL-1.1" });
}

async function icons() {
  const { folder, version, license } = await packageInfo("lucide-static");
  const source = { package: "lucide-static", version, license };
  const symbols = [];
  for (const name of [...ICONS].sort()) {
    const svg = await readFile(path.join(folder, "icons", `${name}.svg`), "utf8");
    const shapes = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)[1].trim().replace(/\s*\n\s*/g, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`);
  }
  await put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`, source);
  await put("licences/lucide.txt", await readFile(path.join(folder, "LICENSE")), source);
}

await rm(target, { recursive: true, force: true });
await fonts();
await icons();
manifest.sort((one, other) => (one.file < other.file ? -1 : 1));
await writeFile(path.join(target, "MANIFEST.json"), `${JSON.stringify(manifest, null, 2)}\n`);
