// Messages to be sent: shown at once, sent in order, and retried with the same clientId until the server acknowledges.

import { append, listFor, pending, upsert } from "../conversation/log.js";
import { createMessage, writeState } from "../conversation/message.js";
import { me } from "../people/names.js";
import { register } from "../ui/actions.js";
import { newId } from "../ui/ids.js";
import { RequestError, request, socket } from "./connection.js";
import { position } from "./positions.js";

const MAX_WAIT = 15_000;
const entries = [];
let running = false;
let ready = false;
let settled = () => {};

/** Call back with each entry that is stored, or was discarded. */
export const onSettled = (callback) => (settled = callback);

export function start() {
  register({
    retry: (button) => retry(button.closest(".message")),
    discard: (button) => discard(button.closest(".message")),
  });
}

/** Show a message as pending, and send it as soon as there is a connection. `after`: the last seq seen now. */
export function submit({ groupId, parentId, content, attachments, after }) {
  const entry = { groupId, parentId, content, attachments, after, clientId: newId(), createdAt: new Date().toISOString(), error: null };
  entries.push(entry);
  draw(entry);
  flush();
}

export const isEmpty = () => entries.length === 0;

/** Send the pending messages: the server has sent `ready`. */
export function resume() {
  ready = true;
  flush();
}

export const pause = () => (ready = false);

/** Draw the pending messages again after the router has replaced the log. */
export const redraw = () => entries.forEach(draw);

/** Remove the entry of a message that the server has stored: its event can arrive before its acknowledgement. */
export function confirm(message) {
  const index = entries.findIndex((entry) => entry.clientId === message.clientId && message.userId === me());
  if (index >= 0) entries.splice(index, 1).forEach(settled);
}

async function flush() {
  if (running) return;
  running = true;
  try {
    for (let entry = next(); entry; entry = next()) await send(entry);
  } finally {
    running = false;
  }
}

const next = () => (ready && socket.connected ? entries.find((entry) => !entry.error) : null);

async function send(entry) {
  const { groupId, parentId, content, clientId, after, attachments } = entry;
  const data = { groupId, content, clientId, after };
  if (parentId) data.parentId = parentId;
  if (attachments.length) data.attachments = attachments.map((file) => file.id);
  try {
    const { message } = await request("message", data);
    confirm(message);
    show(upsert(message) ?? elementOf(entry), "");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.retryable) await wait(error.retryAfter);
    else fail(entry, error);
  }
}

/** Wait for the error's `retryAfter`, or a second if it has none. */
const wait = (seconds) => new Promise((done) => setTimeout(done, Math.min(MAX_WAIT, 1000 * (seconds || 1))));

function fail(entry, error) {
  entry.error = error.message;
  entry.tooOld = error.fields.includes("after");
  show(elementOf(entry), "failed", entry.error);
}

function draw(entry) {
  const list = listFor(entry.groupId, entry.parentId);
  if (!list || elementOf(entry)) return;
  const element = createMessage({ ...entry, userId: me() });
  show(element, entry.error ? "failed" : "pending", entry.error ?? "");
  append(list, element);
}

function elementOf(entry) {
  const list = listFor(entry.groupId, entry.parentId);
  return list && pending(list, entry.clientId);
}

function show(element, state, reason) {
  if (element) writeState(element, state, reason);
}

const entryOf = (element) => entries.find((entry) => entry.clientId === element.dataset.clientId);

/**
 * Send a failed message again with the same clientId: it may have been stored after all. If the server could not search
 * so far back for that, whoever clicks has seen that the message is not there.
 */
function retry(element) {
  const entry = entryOf(element);
  if (!entry) return;
  if (entry.tooOld) entry.after = position(entry.groupId);
  entry.error = null;
  show(element, "pending", "");
  flush();
}

function discard(element) {
  const entry = entryOf(element);
  if (!entry) return;
  entries.splice(entries.indexOf(entry), 1).forEach(settled);
  element.remove();
}
