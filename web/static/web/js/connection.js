// The one socket: it says what it saw last, and asks with an answer in time or an error that says what to do.

import { io } from "/static/socket.io/socket.io.esm.min.js";

const ANSWER_WITHIN = 10_000;
// How a lost connection is tried again; the names are socket.io's.
const PACE = { reconnectionDelay: 400, reconnectionDelayMax: 5_000, randomizationFactor: 0.5 };

/** What the server refused, or could not be asked. `retryable`: the same again may succeed. */
export class Refusal extends Error {
  constructor({ code, message, retryable = false, retryAfter = 0, fields = null }) {
    super([message, ...Object.values(fields ?? {}).flat()].join(" "));
    Object.assign(this, { code, retryable, retryAfter });
  }
}

let position = () => ({});

export const socket = io({
  path: "/socket.io/",
  // A websocket spares the upgrade; where a proxy allows none, polling carries the same.
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  autoConnect: false,
  ...PACE,
  auth: (send) => send({ since: position() }),
});

/** Connect, telling the server each time what `since` returns: {groupId: the last seq seen}. */
export function connect(since) {
  position = since;
  socket.connect();
}

/**
 * Wait just so long before trying again, be it more than the usual maximum. Nothing of it is left to chance: the server
 * has spread its clients already, and half of them would come when there is no room as yet.
 */
export function waitOnce(seconds) {
  const delay = 1000 * seconds;
  setPace({ reconnectionDelay: delay, reconnectionDelayMax: delay, randomizationFactor: 0 });
}

export const waitAsUsual = () => setPace(PACE);

const setPace = (pace) => Object.entries(pace).forEach(([name, value]) => socket.io[name](value));

/** Emit and wait for the acknowledgement; throws a Refusal. */
export async function ask(event, data) {
  if (!socket.connected) throw new Refusal({ code: "offline", message: "There is no connection just now.", retryable: true });
  let answer;
  try {
    answer = await socket.timeout(ANSWER_WITHIN).emitWithAck(event, data);
  } catch {
    throw new Refusal({ code: "no_answer", message: "The server did not answer.", retryable: true });
  }
  if (!answer?.ok) throw new Refusal(answer?.error ?? { code: "invalid", message: "The server's answer was not understood." });
  return answer;
}

/** Emit what may get lost, such as typing: never kept for later. */
export const tell = (event, data) => socket.connected && socket.volatile.emit(event, data);
