// Deleting a message: it goes from this page at once, and from the server some seconds later, unless one undoes it meanwhile. Until
// the server has answered it is kept in this browser: whoever leaves the page, or is offline, has deleted it all the same.
//
// Loaded after the page, and sharing no module with what is loaded at once: deletions.js gives it the tools that it needs.

// Of what is gone already, or of a group that one has left, nothing is to be done.
const OVER = ["not_found", "gone"];
const MAX_WAIT = 15_000;
// By message: {key, kind, tab, messageId, isDue: it may not be undone any more, end: ends its notice}.
const deletions = new Map();
let sending = false;
let tools = null;

export function start(given) {
  tools = given;
  tools.socket.on("ready", () => flush());
  document.addEventListener("keydown", onKey);
  addEventListener("pagehide", sendNow);
  restore();
}

/** Go on with what was deleted in tabs that are closed. */
async function restore() {
  const isOpen = await tools.findOpen();
  for (const { kind, key, tab: other, messageId } of await tools.storage.all("texts")) {
    if (kind !== "deletion" || isOpen(other)) continue;
    tools.storage.remove("texts", key);
    keep(messageId, true);
  }
  redraw();
  flush();
}

/** Show on a new page what is about to be deleted. */
export const redraw = () => deletions.forEach(({ messageId }) => show(messageId, true));

const show = (messageId, isGoing) => tools.elementsOf(messageId).forEach((element) => tools.showGoing(element, isGoing));

function keep(messageId, isDue) {
  const deletion = { ...deletions.get(messageId), messageId, isDue };
  deletions.set(messageId, deletion);
  tools.storage.put("texts", { key: `deletion ${tools.tab} ${messageId}`, kind: "deletion", tab: tools.tab, messageId });
  return deletion;
}

function forget(messageId) {
  deletions.delete(messageId);
  tools.storage.remove("texts", `deletion ${tools.tab} ${messageId}`);
}

/** Delete a message, but leave time to undo that. */
export function begin(element) {
  const { messageId } = element.dataset;
  if (!messageId || deletions.has(messageId)) return;
  keep(messageId, false);
  // Before it is hidden: then the focus would be nowhere.
  if (element.contains(document.activeElement)) neighbour(element).focus();
  show(messageId, true);
  const act = { label: tools.t("Undo"), keys: "Control+Z", run: () => undo(messageId) };
  deletions.get(messageId).end = tools.notice(tools.t("Deleted."), { act, onEnd: () => settle(messageId) });
}

/** The next message, else the one before; the message itself where it is alone. */
function neighbour(element) {
  const messages = tools.messagesOf(element.parentElement);
  const at = messages.indexOf(element);
  return messages[at + 1] ?? messages[at - 1] ?? element;
}

function undo(messageId) {
  forget(messageId);
  show(messageId, false);
  tools.elementsOf(messageId)[0]?.focus();
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

const next = () => tools.isReady() && [...deletions.values()].find(({ isDue }) => isDue);

async function send(messageId) {
  try {
    await tools.request("delete_message", { messageId });
    forget(messageId);
  } catch (error) {
    if (!(error instanceof tools.RequestError)) throw error;
    if (error.retryable) return new Promise((done) => setTimeout(done, Math.min(MAX_WAIT, 1000 * (error.retryAfter || 1))));
    forget(messageId);
    show(messageId, false);
    if (!OVER.includes(error.code)) tools.notice(error.message);
  }
}

/** The page is being left: nobody is there any more to undo it. */
function sendNow() {
  for (const { messageId, end } of [...deletions.values()]) {
    keep(messageId, true);
    end?.(true);
    fetch(`/api/messages/${encodeURIComponent(messageId)}`, { method: "DELETE", keepalive: true, headers: { "X-CSRFToken": tools.token() } }).catch(() => {});
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
