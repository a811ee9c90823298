// Messages to be sent: shown at once, kept in this browser, and sent in the order in which they were written, of whichever tab,
// with the same clientId until the server acknowledges.

import { append, listFor, pending, upsert } from "../conversation/log.js";
import { createMessage, writeState } from "../conversation/message.js";
import { me } from "../people/names.js";
import { register } from "../ui/actions.js";
import { wordsOf } from "../ui/errors.js";
import { newId } from "../ui/ids.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { RequestError, isReady, request } from "./connection.js";
import { position } from "./positions.js";
import * as storage from "./storage.js";
import { alone, onTold, tell } from "./tabs.js";

const MAX_WAIT = 15_000;
// By clientId, those that this tab knows: {order, groupId, parentId, content, attachments, after, clientId, createdAt, error, tooOld}; of a reply that
// goes to the group too {also}, and of what tells the group of it {forwards: the id of the reply}.
const entries = new Map();
// By clientId, what is decided: the browser may not have forgotten it yet.
const decided = new Set();
let running = false;
let wanted = false;
let settled = () => {};
let rewrite = () => {};

/** Call back with each entry that is stored, or was discarded. */
export const onSettled = (callback) => (settled = callback);

/** Call back with an entry that its author wants to write anew. */
export const onRewrite = (callback) => (rewrite = callback);

/** Show what was not sent before; resolves once it is known. */
export function start() {
  register({
    retry: (button) => retry(entryOf(button.closest(".message"))),
    rewrite: (button) => startAnew(entryOf(button.closest(".message"))),
    discard: (button) => discard(entryOf(button.closest(".message"))),
  });
  onTold(({ type, entry }) => TOLD[type]?.(entry));
  return read();
}

async function read() {
  for (const entry of await storage.all("outbox")) if (!entries.has(entry.clientId) && !decided.has(entry.clientId)) learn(entry);
}

function learn(entry) {
  entries.set(entry.clientId, entry);
  draw(entry);
}

/** What another tab says of an entry. */
const TOLD = {
  written: learn,
  changed: (entry) => entries.has(entry.clientId) && (entries.set(entry.clientId, entry), showState(entry)),
  settled: forget,
  discarded: (entry) => (forget(entry), elementOf(entry)?.remove()),
};

/** Show a message as pending, and send it as soon as there is a connection. `after`: the last seq seen now. */
export function submit(written) {
  return keep({ ...written, clientId: newId(), createdAt: new Date().toISOString(), error: null });
}

async function keep(entry) {
  learn(entry);
  entry.order = await storage.put("outbox", entry);
  // Discarded meanwhile.
  if (decided.has(entry.clientId)) return storage.remove("outbox", entry.order);
  tell("written", { entry });
  flush();
}

export const isEmpty = () => entries.size === 0;

/** Return whether a message to a group or a thread waits here. */
export const holds = ({ groupId, parentId }) => [...entries.values()].some((entry) => entry.groupId === groupId && (entry.parentId ?? "") === (parentId ?? ""));

/** Send the pending messages: the server has sent `ready`. Another tab may have left some behind. */
export const resume = () => read().then(flush);

/** Draw the pending messages again after the router has replaced the log. */
export const redraw = () => entries.forEach(draw);

/** Remove the entry of a message that the server has stored: its event can arrive before its acknowledgement. */
export function confirm({ clientId, userId }) {
  const entry = userId === me() && entries.get(clientId);
  // What tells the group of it comes first.
  if (entry && !entry.also) settle(entry);
}

function settle(entry, how = "settled") {
  if (entry.order !== undefined) storage.remove("outbox", entry.order);
  tell(how, { entry });
  forget(entry);
}

function forget(entry) {
  decided.add(entry.clientId);
  if (entries.delete(entry.clientId)) settled(entry);
}

/** One tab sends at a time, so that all messages arrive in the order of writing. */
async function flush() {
  wanted = true;
  if (running) return;
  running = true;
  try {
    for (; wanted; await alone("outbox", drain)) wanted = false;
  } finally {
    running = false;
  }
}

async function drain() {
  for (let entry = await next(); entry; entry = await next()) await send(entry);
}

async function next() {
  if (!isReady()) return null;
  return (await storage.all("outbox")).find((entry) => !entry.error && !decided.has(entry.clientId));
}

async function send(entry) {
  const { groupId, parentId, content, clientId, after, attachments, forwards } = entry;
  const data = { groupId, clientId, after, ...(forwards ? { messageId: forwards } : { content }) };
  if (parentId) data.parentId = parentId;
  if (attachments.length) data.attachments = attachments.map((file) => file.id);
  try {
    const { message } = await request(forwards ? "forward_message" : "message", data);
    if (entry.also) await tellGroup(entry, message);
    // Whatever it says of the message: sent again, it would be the same.
    settle(entry);
    showState(entry, upsert(message) ?? elementOf(entry));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.retryable) await wait(error.retryAfter);
    else await fail(entry, error);
  }
}

/** Say a stored reply in its group too. That is kept before the reply is forgotten; under this clientId it is stored once. */
async function tellGroup({ groupId, content, after, clientId }, { id }) {
  const entry = { groupId, content, attachments: [], after, clientId: `${clientId}.group`, forwards: id, createdAt: new Date().toISOString(), error: null };
  if (!entries.has(entry.clientId) && !decided.has(entry.clientId)) await keep(entry);
}

/** Wait for the error's `retryAfter`, or a second if it has none. */
const wait = (seconds) => new Promise((done) => setTimeout(done, Math.min(MAX_WAIT, 1000 * (seconds || 1))));

async function fail(entry, error) {
  await change(entry, { error: wordsOf(error), tooOld: error.fields.includes("after") });
  if (entry.forwards) notice(t("Your reply is in the thread. It did not get into the conversation itself."));
}

/** Keep what has changed of an entry, and show it in all tabs. */
async function change(entry, changes) {
  const changed = Object.assign(entries.get(entry.clientId) ?? entry, changes);
  await storage.put("outbox", changed);
  tell("changed", { entry: changed });
  showState(changed);
}

function draw(entry) {
  const list = listFor(entry.groupId, entry.parentId);
  if (!list || elementOf(entry)) return;
  const element = createMessage({ ...entry, userId: me() });
  append(list, element);
  showState(entry, element);
}

function elementOf(entry) {
  const list = listFor(entry.groupId, entry.parentId);
  return list && pending(list, entry.clientId);
}

function showState(entry, element = elementOf(entry)) {
  if (!element) return;
  const state = !entries.has(entry.clientId) ? "" : entry.error ? "failed" : "pending";
  writeState(element, state, entry.error ?? "");
}

const entryOf = (element) => entries.get(element.dataset.clientId);

/**
 * Send a failed message again with the same clientId: it may have been stored after all. If the server could not search
 * so far back for that, whoever clicks has seen that the message is not there.
 */
async function retry(entry) {
  if (!entry) return;
  await change(entry, { error: null, ...(entry.tooOld ? { after: position(entry.groupId) } : {}) });
  flush();
}

function startAnew(entry) {
  if (!entry) return;
  rewrite(entry);
  discard(entry);
}

function discard(entry) {
  if (!entry) return;
  elementOf(entry)?.remove();
  settle(entry, "discarded");
}
