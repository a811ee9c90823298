// Deleting a message: it goes from this page at once, and from the server some seconds later, unless one undoes it meanwhile. Until
// the server has answered it is kept in this browser: whoever leaves the page, or is offline, has deleted it all the same.

import { RequestError, isReady, request, socket } from "../app/connection.js";
import { token } from "../app/csrf.js";
import * as storage from "../app/storage.js";
import { findOpen, tab } from "../app/tabs.js";
import { register } from "../ui/actions.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { messagesOf } from "./log.js";
import { elementsOf, showGoing } from "./message.js";

// Of what is gone already, or of a group that one has left, nothing is to be done.
const OVER = ["not_found", "gone"];
const MAX_WAIT = 15_000;
// By message: {key, kind, tab, messageId, isDue: it may not be undone any more, end: ends its notice}.
const deletions = new Map();
let sending = false;

export function start() {
  register({ delete: (button) => begin(button.closest(".message")) });
  socket.on("ready", () => flush());
  document.addEventListener("keydown", onKey);
  addEventListener("pagehide", sendNow);
  restore();
}

/** Go on with what was deleted in tabs that are closed. */
async function restore() {
  const isOpen = await findOpen();
  for (const { kind, key, tab: other, messageId } of await storage.all("texts")) {
    if (kind !== "deletion" || isOpen(other)) continue;
    storage.remove("texts", key);
    keep(messageId, true);
  }
  redraw();
  flush();
}

/** Show on a new page what is about to be deleted. */
export const redraw = () => deletions.forEach(({ messageId }) => show(messageId, true));

const show = (messageId, isGoing) => elementsOf(messageId).forEach((element) => showGoing(element, isGoing));

function keep(messageId, isDue) {
  const deletion = { ...deletions.get(messageId), messageId, isDue };
  deletions.set(messageId, deletion);
  storage.put("texts", { key: `deletion ${tab} ${messageId}`, kind: "deletion", tab, messageId });
  return deletion;
}

function forget(messageId) {
  deletions.delete(messageId);
  storage.remove("texts", `deletion ${tab} ${messageId}`);
}

function begin(element) {
  const { messageId } = element.dataset;
  if (!messageId || deletions.has(messageId)) return;
  keep(messageId, false);
  // Before it is hidden: then the focus would be nowhere.
  if (element.contains(document.activeElement)) neighbour(element).focus();
  show(messageId, true);
  const act = { label: t("Undo"), keys: "Control+Z", run: () => undo(messageId) };
  deletions.get(messageId).end = notice(t("Deleted."), { act, onEnd: () => settle(messageId) });
}

/** The next message, else the one before; the message itself where it is alone. */
function neighbour(element) {
  const messages = messagesOf(element.parentElement);
  const at = messages.indexOf(element);
  return messages[at + 1] ?? messages[at - 1] ?? element;
}

function undo(messageId) {
  forget(messageId);
  show(messageId, false);
  elementsOf(messageId)[0]?.focus();
}

/** The time to undo it is over. */
function settle(messageId) {
  if (!deletions.has(messageId)) return;
  keep(messageId, true);
  flush();
}

async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (let due = next(); due; due = next()) await send(due.messageId);
  } finally {
    sending = false;
  }
}

const next = () => isReady() && [...deletions.values()].find(({ isDue }) => isDue);

async function send(messageId) {
  try {
    await request("delete_message", { messageId });
    forget(messageId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.retryable) return new Promise((done) => setTimeout(done, Math.min(MAX_WAIT, 1000 * (error.retryAfter || 1))));
    forget(messageId);
    show(messageId, false);
    if (!OVER.includes(error.code)) notice(error.message);
  }
}

/** The page is being left: nobody is there any more to undo it. */
function sendNow() {
  for (const { messageId, end } of [...deletions.values()]) {
    keep(messageId, true);
    end?.(true);
    fetch(`/api/messages/${encodeURIComponent(messageId)}`, { method: "DELETE", keepalive: true, headers: { "X-CSRFToken": token() } }).catch(() => {});
  }
}

function onKey(event) {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.target.closest?.("input, textarea, select")) return;
  const last = [...deletions.values()].findLast(({ isDue }) => !isDue);
  if (!last) return;
  event.preventDefault();
  last.end(true);
  undo(last.messageId);
}
