// The pair of access and refresh token: one entry of local storage, shared by all tabs.
//
// `until` is when the access token ends by this device's own clock, which may be wrong: it is counted from the moment
// the token came, not read from the token.

const KEY = "nb.jwt";
// Staff who look at an account: a token that reads, kept by one tab for as long as it is open.
const VIEW = "nb.view";

/** The look that this tab shows; null in every tab of everybody else. */
export function view() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(VIEW));
    return kept?.access && kept.until > Date.now() ? kept : null;
  } catch {
    return null;
  }
}

export function beginView(look) {
  sessionStorage.setItem(VIEW, JSON.stringify(look));
}

export function endView() {
  sessionStorage.removeItem(VIEW);
}

export function tokens() {
  const look = view();
  if (look) return look;
  try {
    const pair = JSON.parse(localStorage.getItem(KEY));
    return pair?.access && pair?.refresh ? pair : null;
  } catch {
    return null;
  }
}

export function save({ access, refresh, expires_in: seconds }) {
  localStorage.setItem(KEY, JSON.stringify({ access, refresh, until: Date.now() + seconds * 1000 }));
  document.documentElement.dataset.session = "in";
}

export function clear() {
  endView();
  localStorage.removeItem(KEY);
  document.documentElement.dataset.session = "out";
}

export const isSignedIn = () => tokens() !== null;

/** Calls back when another tab signs in or out. */
export function onChangeElsewhere(callback) {
  addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) callback(isSignedIn());
  });
}

/** Seconds until the access token of a pair ends; negative when it has. A clock that was set back does not prolong it. */
export function secondsLeft({ access, until }) {
  const left = (until - Date.now()) / 1000;
  if (view()?.access === access) return left;
  return left > lifetime(access) ? -1 : left;
}

/** How many seconds the token was made for. */
function lifetime(access) {
  try {
    const { iat, exp } = JSON.parse(atob(access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return exp - iat;
  } catch {
    return 0;
  }
}

/** Ends a sign-in at the server, as far as it can be reached. */
export async function endFamily(pair) {
  try {
    await fetch("/api/v1/auth/logout", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh: pair.refresh }),
      credentials: "omit",
    });
  } catch {
    // Its tokens end by themselves.
  }
}

/** Signs this browser out, whether the server can be reached or not. */
export async function end() {
  const pair = tokens();
  clear();
  if (pair) await endFamily(pair);
}
