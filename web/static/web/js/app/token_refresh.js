// Where Clerk signs users in: a fresh token for the open socket, before the one that it has expires after a minute.

import { freshClerkToken } from "../sign_in/clerk.js";
import { isReady, request, socket } from "./connection.js";

// Of a token's lifetime: what remains is for timers that a hidden tab delays, and for one more attempt.
const RENEW_AT = 0.6;
const RETRY_AFTER = 3_000;
let timer = null;

export function start() {
  if (!document.querySelector("script[data-clerk-publishable-key]")) return;
  socket.on("ready", () => isReady() && renew());
  socket.on("disconnect", () => clearTimeout(timer));
}

async function renew() {
  clearTimeout(timer);
  try {
    const token = await freshClerkToken();
    // Nobody is signed in at Clerk any more: the socket ends with its token, and the page asks to sign in.
    if (!token) return;
    await request("authenticate", { token });
    plan(RENEW_AT * lifetime(token));
  } catch {
    plan(RETRY_AFTER);
  }
}

function plan(delay) {
  clearTimeout(timer);
  if (socket.connected) timer = setTimeout(renew, delay);
}

/** Return how long a token just made is valid, in milliseconds; by its own two times, for this clock may be wrong. */
function lifetime(token) {
  const { iat, exp } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return 1000 * Math.max(1, exp - iat);
}
