// The page's one Socket.IO connection: it resumes from the last seq seen, and requests end with an acknowledgement or an error.

import { io } from "socket.io-client";

const ACK_TIMEOUT = 10_000;
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

export const socket = io({
  path: "/socket.io/",
  // Websocket first saves the upgrade from polling; polling remains for proxies that block websockets.
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  autoConnect: false,
  ...RECONNECTION,
  auth: (send) => send({ since: since(), render: "html" }),
});

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

const setReconnection = (options) => Object.entries(options).forEach(([name, value]) => socket.io[name](value));

/** Emit an event and return its acknowledgement; throws a RequestError. */
export async function request(event, data) {
  if (!socket.connected) throw new RequestError({ code: "offline", message: "There is no connection just now.", retryable: true });
  let ack;
  try {
    ack = await socket.timeout(ACK_TIMEOUT).emitWithAck(event, data);
  } catch {
    throw new RequestError({ code: "no_answer", message: "The server did not answer.", retryable: true });
  }
  if (!ack?.ok) throw new RequestError(ack?.error ?? { code: "invalid", message: "The server's answer was not understood." });
  return ack;
}

/** Emit an event that may get lost, such as typing: it is not kept until there is a connection. */
export const emitVolatile = (event, data) => socket.connected && socket.volatile.emit(event, data);
