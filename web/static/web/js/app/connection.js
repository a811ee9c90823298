// The page's one Socket.IO connection: it resumes from the last seq seen, and requests end with an acknowledgement or an error.

import { me } from "../people/names.js";
import { t } from "../ui/texts.js";
import { configure, socket } from "./socket.js";

export { socket };

const ACK_TIMEOUT = 10_000;
// After this long without an answer, the page says so.
const OVERDUE_AFTER = 1_500;
// Options of socket.io's reconnection, in its own names.
const RECONNECTION = { reconnectionDelay: 400, reconnectionDelayMax: 5_000, randomizationFactor: 0.5 };

/** The server's error, or a request without acknowledgement. `retryable`: the same request may succeed later; `fields`: what is wrong. */
export class RequestError extends Error {
  constructor({ code, message, retryable = false, retryAfter = 0, fields = null }) {
    super([message, ...Object.values(fields ?? {}).flat()].join(" "));
    Object.assign(this, { code, retryable, retryAfter, fields: Object.keys(fields ?? {}) });
  }
}

let since = () => ({});
let ready = false;
let lastPacket = 0;
let overdue = 0;
let onOverdue = () => {};
let onUnavailable = () => {};

/** Call back each time that not even the client of the socket could be loaded. */
export const onNoClient = (callback) => (onUnavailable = callback);

const OPTIONS = {
  path: "/socket.io/",
  // Websocket first saves the upgrade from polling; polling remains for proxies that block websockets.
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  autoConnect: false,
  ...RECONNECTION,
  auth: (send) => send({ since: since(), render: "html" }),
};
configure(OPTIONS, () => onUnavailable());

/** Whether the server has sent `ready` to whom this page is for: nothing is sent as anybody else. */
export const isReady = () => ready;

socket.on("ready", onReady);
socket.on("disconnect", () => (ready = false));
socket.io.on("open", () => socket.io.engine.on("packet", () => (lastPacket = Date.now())));

function onReady({ user }) {
  ready = user.id === me();
  if (ready) return;
  // Somebody else has signed in: the page that the server answers with now is theirs.
  socket.disconnect();
  location.reload();
}

/** Call back with how many requests wait for their answer for too long, each time that this changes. */
export const onWaiting = (callback) => (onOverdue = callback);

/** Connect now: the network has come back, and what was open before it went may be dead. */
export const reconnect = () => socket.disconnect().connect();

/** Connect; `getSince` is called for each handshake and returns {groupId: the last seq seen}. */
export function connect(getSince) {
  since = getSince;
  socket.connect();
}

/**
 * Make the next reconnection wait exactly so long, even beyond the usual maximum and without randomization: the server
 * has given each client its own delay, and one that comes earlier would be refused.
 */
export function delayReconnection(seconds) {
  const delay = 1000 * seconds;
  setReconnection({ reconnectionDelay: delay, reconnectionDelayMax: delay, randomizationFactor: 0 });
}

export const resetReconnection = () => setReconnection(RECONNECTION);

/** The client has them as functions; before it is loaded there is nothing to set. */
const setReconnection = (options) => Object.entries(options).forEach(([name, value]) => socket.io[name]?.(value));

/** Emit an event and return its acknowledgement; throws a RequestError. */
export async function request(event, data) {
  if (!ready) await admission();
  if (!ready) throw new RequestError({ code: "offline", message: t("There is no connection just now."), retryable: true });
  const ack = await answerOf(event, data);
  if (!ack?.ok) throw new RequestError(ack?.error ?? { code: "invalid", message: t("The server's answer was not understood.") });
  return ack;
}

/** Resolves once a connection that is open is admitted, or gone; at once if there is none. */
function admission() {
  if (!socket.connected) return null;
  return new Promise((done) => ["ready", "disconnect"].forEach((event) => socket.once(event, done)));
}

async function answerOf(event, data) {
  const asked = Date.now();
  let isLate = false;
  const late = setTimeout(() => ((isLate = true), onOverdue((overdue += 1))), OVERDUE_AFTER);
  try {
    return await socket.timeout(ACK_TIMEOUT).emitWithAck(event, data);
  } catch {
    // Nothing has come since: the connection is dead, though the browser does not know it yet.
    if (Date.now() - asked >= ACK_TIMEOUT && lastPacket < asked) socket.io.engine?.close();
    throw new RequestError({ code: "no_answer", message: t("The server did not answer."), retryable: true });
  } finally {
    clearTimeout(late);
    if (isLate) onOverdue((overdue -= 1));
  }
}

/** Emit an event that may get lost, such as typing: it is not kept until there is a connection. */
export const emitVolatile = (event, data) => ready && socket.volatile.emit(event, data);
