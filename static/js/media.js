// Showing results: pictures and films in their own proportion, sound with its waveform, text as a sheet.

import { h, icon } from "./dom.js";
import { length } from "./format.js";
import { gettext } from "./words.js";

/** The result itself. Links are signed and short-lived: ask for the generation again when one has ended. */
export function viewer(asset, { prompt = "", isLarge = false } = {}) {
  if (asset.kind === "image") {
    const image = h("img", { src: isLarge ? asset.url : (asset.thumbnail_url ?? asset.url), alt: prompt, decoding: "async", width: asset.width, height: asset.height });
    return h("a.frame", { href: asset.url, target: "_blank", rel: "noopener" }, image);
  }
  if (asset.kind === "video") {
    const film = h("video", { src: asset.url, controls: true, loop: true, playsInline: true, preload: "metadata", width: asset.width, height: asset.height });
    if (asset.thumbnail_url) film.poster = asset.thumbnail_url;
    film.setAttribute("aria-label", prompt);
    return h("div.frame", {}, film);
  }
  if (asset.kind === "audio") return player(asset, prompt);
  return sheet(asset);
}

function player(asset, prompt) {
  const audio = h("audio", { src: asset.url, controls: true, preload: "metadata" });
  audio.setAttribute("aria-label", prompt);
  const box = h("div.player", {}, waveform(asset.url), audio);
  return box;
}

const BARS = 120;

/** Drawn from the sound itself, once it is in view. Decoration: the browser's own player does the work. */
function waveform(url) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "waveform");
  svg.setAttribute("viewBox", `0 0 ${BARS * 4} 72`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  new IntersectionObserver(async ([entry], watcher) => {
    if (!entry.isIntersecting) return;
    watcher.disconnect();
    try {
      const sound = await (await fetch(url)).arrayBuffer();
      const decoded = await new OfflineAudioContext(1, 1, 22050).decodeAudioData(sound);
      draw(svg, decoded.getChannelData(0));
    } catch {
      svg.remove();
    }
  }).observe(svg);
  return svg;
}

function draw(svg, samples) {
  const size = Math.max(1, Math.floor(samples.length / BARS));
  const peaks = Array.from({ length: BARS }, (_unused, bar) => {
    let peak = 0;
    for (let at = bar * size; at < (bar + 1) * size; at += 8) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return peak;
  });
  const loudest = Math.max(...peaks, 0.01);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", peaks.map((peak, bar) => `M${bar * 4 + 2} ${36 - (peak / loudest) * 33 - 1}V${36 + (peak / loudest) * 33 + 1}`).join(""));
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2.4");
  path.setAttribute("stroke-linecap", "round");
  svg.append(path);
}

function sheet(asset) {
  const box = h("div.sheet-text", { ariaBusy: "true" }, gettext("Loading…"));
  fetch(asset.url)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
    .then(
      (text) => (box.textContent = text),
      () => (box.textContent = gettext("The text could not be loaded. Reload the page to try again.")),
    )
    .finally(() => (box.ariaBusy = null));
  return box;
}

const ICONS = { image: "image", video: "film", music: "music", speech: "mic", avatar: "scan-face", text: "type" };

export const modalityIcon = (modality) => ICONS[modality] ?? "sparkles";

/** A small mark over a tile: the kind, and how long it plays. */
export function mark(generation, asset) {
  if (asset?.kind === "image" && generation.assets.length < 2) return null;
  const text = asset?.seconds ? length(asset.seconds) : generation.assets.length > 1 ? String(generation.assets.length) : "";
  if (!text) return null;
  return h("span.frame__mark", {}, icon(modalityIcon(generation.modality), "small"), text);
}
