// What the page does when the connection is lost: show the banner, try again, or go to the sign-in page.

import { hasSessionEnded, renewClerkCookie } from "../sign_in/clerk.js";
import { t } from "../ui/texts.js";
import { delayReconnection, isReady, onNoClient, onWaiting, reconnect, resetReconnection, socket } from "./connection.js";
import * as outbox from "./outbox.js";
import { isLasting } from "./storage.js";

const RETRY_AFTER = 1_500;
const SHOW_BANNER_AFTER = 1_200;
let bannerTimer = null;

const banner = () => document.getElementById("offline");

export function start() {
  socket.on("ready", () => isReady() && hide());
  // The server is shutting down and says when to reconnect.
  socket.on("drain", ({ retryAfter }) => delayReconnection(retryAfter));
  // That delay is for the first attempt only.
  socket.io.on("reconnect_attempt", resetReconnection);
  // Connected but not admitted: the server itself tries again until it sends `ready`.
  socket.on("error", ({ event }) => event === "connect" && onLost());
  socket.on("connect", resetReconnection);
  socket.on("disconnect", onDisconnect);
  socket.on("connect_error", onConnectError);
  onNoClient(onLost);
  onWaiting((count) => (count ? show() : isReady() && navigator.onLine && hide()));
  addEventListener("offline", show);
  addEventListener("online", reconnect);
  if (!navigator.onLine) show();
}

function show() {
  clearTimeout(bannerTimer);
  bannerTimer = null;
  banner().hidden = false;
}

function hide() {
  clearTimeout(bannerTimer);
  bannerTimer = null;
  banner().hidden = true;
}

function onLost() {
  bannerTimer ??= setTimeout(show, SHOW_BANNER_AFTER);
}

function onDisconnect(reason) {
  onLost();
  // Socket.IO reconnects by itself after every other reason.
  if (reason === "io server disconnect") setTimeout(() => socket.connect(), RETRY_AFTER);
}

async function onConnectError(error) {
  onLost();
  // The page that the server answers with now says so.
  if (error.data?.code === "deactivated") return location.reload();
  const refused = ["unauthenticated", "token_expired"].includes(error.data?.code);
  if (refused && (!(await renewClerkCookie()) || (await hasSessionEnded()))) return signIn();
  // Socket.IO does not reconnect by itself when the server has refused the handshake.
  if (!socket.active) setTimeout(() => socket.connect(), RETRY_AFTER);
}

/**
 * Go to the sign-in page: what was not sent stays in this browser for whoever wrote it. Where the browser keeps nothing, stay
 * and say so in the banner.
 */
function signIn() {
  if (outbox.isEmpty() || isLasting()) return location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname })}`);
  show();
  banner().textContent = t("Your session has ended. Sign in in another tab, and what you wrote is sent from here.");
  setTimeout(() => socket.connect(), 2 * RETRY_AFTER);
}
