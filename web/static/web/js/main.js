// Starts the script's parts; without it the pages work by links and forms alone.

import * as actions from "./actions.js";
import * as changes from "./changes.js";
import { hasEndedHere, signOutOfClerk, whenClerkIsReady } from "./clerk.js";
import * as composer from "./composer.js";
import { socket, waitAsUsual, waitOnce } from "./connection.js";
import { writeName } from "./message.js";
import * as navigate from "./navigate.js";
import * as outbox from "./outbox.js";
import { onLearned } from "./people.js";
import * as reading from "./reading.js";

const TRY_AGAIN = 1_500;
const SHOW_BANNER_AFTER = 1_200;
// Asking for a page renews the cookie of one who stays; the server decides when it is due.
const RENEW_EVERY = 20 * 60_000;

actions.start();
composer.start();
navigate.start();
reading.start();
watchConnection();
changes.start();
composer.focus();
onLearned((id, name) => document.querySelectorAll(`.message[data-user-id="${CSS.escape(id)}"]`).forEach((element) => writeName(element, name)));
document.querySelector("[data-sign-out]").addEventListener("submit", signOutOfClerk);
setInterval(() => fetch("/?list", { method: "HEAD" }).catch(() => {}), RENEW_EVERY);
addEventListener("beforeunload", (event) => outbox.isEmpty() || event.preventDefault());

function watchConnection() {
  let timer = null;
  const lost = () => {
    outbox.close();
    timer ??= setTimeout(() => (document.getElementById("offline").hidden = false), SHOW_BANNER_AFTER);
  };
  socket.on("ready", () => {
    clearTimeout(timer);
    timer = null;
    document.getElementById("offline").hidden = true;
  });
  // The server goes down and says when there is room elsewhere.
  socket.on("drain", ({ retryAfter }) => waitOnce(retryAfter));
  // Should the first attempt fail, the next ones come as after any loss.
  socket.io.on("reconnect_attempt", waitAsUsual);
  // Connected, and not let in: the server tries again until it says `ready`.
  socket.on("error", ({ event }) => event === "connect" && lost());
  socket.on("connect", waitAsUsual);
  socket.on("disconnect", (reason) => {
    lost();
    // The client itself tries again after every other reason.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), TRY_AGAIN);
  });
  socket.on("connect_error", async (error) => {
    lost();
    const refused = ["unauthenticated", "token_expired"].includes(error.data?.code);
    if (refused && (!(await whenClerkIsReady()) || (await hasEndedHere()))) return signIn();
    // Refused by the server, not by the network: the client itself does not try again.
    if (!socket.active) setTimeout(() => socket.connect(), TRY_AGAIN);
  });
}

/** What waits to be sent would be lost on the way: then the page stays, and says so in its banner. */
function signIn() {
  const banner = document.getElementById("offline");
  banner.hidden = false;
  if (outbox.isEmpty()) location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname })}`);
  else banner.textContent = "Your session has ended. Sign in in another tab, and what you wrote is sent from here.";
  if (!outbox.isEmpty()) setTimeout(() => socket.connect(), 2 * TRY_AGAIN);
}
