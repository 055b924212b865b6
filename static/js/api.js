// Calls to the API: the access token, its renewal, the reader's language, and errors as objects.

import { address } from "./dom.js";
import * as session from "./session.js";
import { gettext, language } from "./words.js";

const BASE = "/api/v1";
const RENEW_BEFORE_SECONDS = 15;

/** An error answer (RFC 9457). `errors` has a JSON pointer per wrong field. */
export class Problem extends Error {
  constructor(body, response) {
    super(body.detail || body.title);
    Object.assign(this, { errors: [], retryable: false, charged: false }, body);
    this.status = response?.status ?? 0;
    this.retryAfter = Number(response?.headers.get("Retry-After")) || null;
  }
}

export const offline = () =>
  new Problem({
    code: "offline",
    title: gettext("No connection"),
    detail: gettext("The server cannot be reached. Nothing was charged; try again in a moment."),
    retryable: true,
  });

async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // Not JSON: a proxy's page.
  }
  const title = gettext("Something broke on our side");
  return new Problem({ code: `http_${response.status}`, title, detail: title, ...body }, response);
}

let renewing = null;

/** Renews the pair once for all tabs. Returns it, or null when the session is over. */
function renew(stale) {
  const exclusively = navigator.locks
    ? (run) => navigator.locks.request("nb.jwt", run)
    : (run) => (renewing ??= run().finally(() => (renewing = null)));
  return exclusively(async () => {
    const pair = session.tokens();
    if (!pair || session.view()) return pair;
    if (pair.access !== stale) return pair; // another tab was first
    const response = await fetch(`${BASE}/auth/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({ refresh: pair.refresh }),
      credentials: "omit",
    });
    if (response.ok) {
      session.save(await response.json());
      return session.tokens();
    }
    if (response.status === 401) {
      session.clear();
      return null;
    }
    const problem = await problemOf(response);
    if (problem.code !== "refresh_in_progress") throw problem;
    // Another window used this refresh token a moment ago: its new pair is about to be stored.
    return stored(stale);
  });
}

/** Waits for the pair that another window is storing. When none comes, that window is gone, and so is the sign-in. */
async function stored(stale) {
  for (let waited = 0; waited < 10; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const pair = session.tokens();
    if (!pair || pair.access !== stale) return pair;
  }
  session.clear();
  return null;
}

/** The access token to send now, renewed when it is about to end; null when nobody is signed in. */
export async function accessToken() {
  const pair = session.tokens();
  if (!pair) return null;
  if (session.secondsLeft(pair) > RENEW_BEFORE_SECONDS) return pair.access;
  return (await renew(pair.access))?.access ?? null;
}

/** As `fetch` under /api/v1, with the token; after a 401 renews it once. Network failures become a Problem. */
export async function request(path, options = {}) {
  const { headers = {}, ...rest } = options;
  const url = path.startsWith("http") || path.startsWith("/api/") ? path : BASE + path;
  const send = (access) =>
    fetch(url, {
      ...rest,
      credentials: "omit",
      headers: { "Accept-Language": language, ...(access ? { Authorization: `Bearer ${access}` } : {}), ...headers },
    });
  try {
    const access = await accessToken();
    let response = await send(access);
    if (response.status === 401 && access) {
      const pair = await renew(access);
      if (pair) response = await send(pair.access);
    }
    return response;
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw offline();
  }
}

async function call(method, path, { body, ...options } = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const response = await request(path, { ...options, method, body, headers });
  if (response.status === 401 && !options.anonymous) goToSignIn();
  if (!response.ok) {
    const problem = await problemOf(response);
    // Whatever asked: the page offers to agree (consent.js).
    if (problem.code === "consent_required") dispatchEvent(new CustomEvent("nb:consent"));
    throw problem;
  }
  return response.status === 204 ? null : response.json();
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });
export const put = (path, body) => call("PUT", path, { body });
export const patch = (path, body) => call("PATCH", path, { body });
export const remove = (path, options) => call("DELETE", path, options);

/** To the sign-in page, and back here afterwards. */
export function goToSignIn() {
  const next = location.pathname + location.search;
  location.assign(`${address("/login")}?next=${encodeURIComponent(next)}`);
}

/** True when somebody is signed in; otherwise leaves for the sign-in page. */
export function requireSignIn() {
  if (session.isSignedIn()) return true;
  goToSignIn();
  return false;
}
