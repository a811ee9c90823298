// Messages on their way: shown at once, sent in order, sent again with the same clientId until the server has answered.

import { Refusal, ask, socket } from "./connection.js";
import { append, listFor, pending, put } from "./log.js";
import { build, writeState } from "./message.js";
import { me } from "./people.js";
import { newId } from "./text.js";

const LONGEST_WAIT = 15_000;
const entries = [];
let running = false;
let ready = false;

/** Show a message as being sent, and send it as soon as there is a connection. `after`: the last seq seen now. */
export function submit({ groupId, parentId, content, attachments, after }) {
  const entry = { groupId, parentId, content, attachments, after, clientId: newId(), createdAt: new Date().toISOString(), error: null };
  entries.push(entry);
  draw(entry);
  flush();
}

export const isEmpty = () => entries.length === 0;

/** The server has said `ready`: what waits may go. */
export function open() {
  ready = true;
  flush();
}

export const close = () => (ready = false);

/** Draw again what waits, after a page was put in place of another. */
export const redraw = () => entries.forEach(draw);

/** A message came: if it is one that waits, its answer was only slower. */
export function settle(message) {
  const index = entries.findIndex((entry) => entry.clientId === message.clientId && message.userId === me());
  if (index >= 0) entries.splice(index, 1);
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
    const { message } = await ask("message", data);
    settle(message);
    show(put(message) ?? elementOf(entry), "");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.retryable) await waitFor(error.retryAfter);
    else fail(entry, error);
  }
}

/** Without a connection the next `ready` goes on; with one, a refused message waits as long as the server says. */
const waitFor = (seconds) => new Promise((done) => setTimeout(done, Math.min(LONGEST_WAIT, 1000 * (seconds || 1))));

function fail(entry, error) {
  entry.error = error.message;
  show(elementOf(entry), "failed", entry.error);
}

function draw(entry) {
  const list = listFor(entry.groupId, entry.parentId);
  if (!list || elementOf(entry)) return;
  const element = build({ ...entry, userId: me() });
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

/** The buttons of a message that failed. The clientId stays the same: it may have been stored after all. */
export function onAction(action, element) {
  const entry = entries.find((one) => one.clientId === element.dataset.clientId);
  if (!entry) return;
  if (action === "discard") {
    entries.splice(entries.indexOf(entry), 1);
    element.remove();
    return;
  }
  entry.error = null;
  show(element, "pending", "");
  flush();
}
