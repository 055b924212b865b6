// The event stream: server-sent events over fetch, because EventSource cannot send a token. Comes back after a break
// with the id of the last event; where the server answers and closes, this becomes polling at the pace it asks for.

import { accessToken, request } from "./api.js";

const LONGEST_PAUSE = 30_000;
const HIDDEN_PATIENCE = 60_000;

const listeners = new Set();
let lastId = "";
let pause = 3000;
let failures = 0;
let current = null;
let wake = null;

/** Calls `handlers[name](data)` for each event of the person's stream. Returns a function that stops it. */
export function listen(handlers) {
  listeners.add(handlers);
  if (!current) run();
  return () => listeners.delete(handlers);
}

function announce(name, data) {
  for (const handlers of [...listeners]) handlers[name]?.(data);
}

async function run() {
  current = new AbortController();
  while (listeners.size) {
    if (document.hidden && failures === 0 && current.signal.aborted) await visible();
    if (current.signal.aborted) current = new AbortController();
    try {
      if ((await accessToken()) === null) break;
      const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
      const response = await request("/events", { headers, signal: current.signal, cache: "no-store" });
      if (response.status === 401) break;
      if (!response.ok) throw new Error(String(response.status));
      failures = 0;
      await read(response.body);
      await rest(pause);
    } catch {
      if (current.signal.aborted) continue;
      failures += 1;
      await rest(Math.min(LONGEST_PAUSE, pause * 2 ** Math.min(failures, 5)) * (0.7 + Math.random() * 0.6));
    }
  }
  current = null;
}

async function read(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer = (buffer + value).replaceAll("\r\n", "\n");
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    blocks.forEach(dispatch);
  }
}

function dispatch(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (field === "id") lastId = value;
    else if (field === "retry") pause = Number(value) || pause;
  }
  if (data.length) announce(name, JSON.parse(data.join("\n")));
}

function rest(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function visible() {
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}

// A tab that nobody looks at gives its connection back after a while, and asks again when it is looked at.
let hiddenTimer = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(() => current?.abort(), HIDDEN_PATIENCE);
  else wake?.();
});
addEventListener("online", () => wake?.());
