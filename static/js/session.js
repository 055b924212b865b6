// The pair of access and refresh token: one entry of local storage, shared by all tabs.

const KEY = "nb.jwt";

export function tokens() {
  try {
    const pair = JSON.parse(localStorage.getItem(KEY));
    return pair?.access && pair?.refresh ? pair : null;
  } catch {
    return null;
  }
}

export function save({ access, refresh }) {
  localStorage.setItem(KEY, JSON.stringify({ access, refresh }));
  document.documentElement.dataset.session = "in";
}

export function clear() {
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

/** Seconds until the access token ends; negative when it has. */
export function secondsLeft(access) {
  try {
    const body = access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(body)).exp - Date.now() / 1000;
  } catch {
    return Infinity;
  }
}
