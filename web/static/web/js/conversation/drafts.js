// What is typed and not sent yet: kept here at once, on the server a moment later, and shown on the user's other devices.
// Without a connection it stays here until there is one; what this device has typed last is never replaced.

import { RequestError, request, socket } from "../app/connection.js";

const AFTER = 800;
const RETRY_AFTER = 5_000;
// By group and thread: {groupId, parentId, text: here, saved: on the server as of version, held, saving, timer}.
const drafts = new Map();
// By group whose drafts were read, and are kept true by events: a promise of the revision that they have, null after a failure.
const loaded = new Map();

function draftOf(groupId, parentId) {
  const key = `${groupId} ${parentId ?? ""}`;
  if (!drafts.has(key)) drafts.set(key, { groupId, parentId: parentId || undefined, text: "", saved: "", version: 0, held: 0 });
  return drafts.get(key);
}

const ofForm = ({ dataset }) => draftOf(dataset.groupId, dataset.parentId);

/** What was sent is cleared on the server once the message is stored: `held` counts messages that are not. */
const isDirty = ({ text, saved, held }) => text !== saved && !(held && !text);

/** Show the draft in a composer of a new page; what the page itself has written there counts as typed. */
export function attach(form) {
  const field = form.elements.content;
  const draft = ofForm(form);
  if (field.value) typed(form);
  else field.value = draft.text;
  load(draft.groupId);
}

export function typed(form) {
  const draft = ofForm(form);
  draft.text = form.elements.content.value;
  saveSoon(draft);
}

/** The composer's text was handed to the outbox. */
export function hold(form) {
  const draft = ofForm(form);
  draft.text = "";
  draft.held += 1;
}

/** A message of the outbox is stored, or was discarded. */
export function release({ groupId, parentId }) {
  const draft = draftOf(groupId, parentId);
  draft.held = Math.max(0, draft.held - 1);
  save(draft);
}

export const areKept = () => ![...drafts.values()].some(isDirty);

/**
 * There is a connection, or a change was missed: read drafts that are not of this revision, and save what was typed here.
 * Those of groups that are not on the page are read when they are.
 */
export function resume(revision) {
  const shown = new Set([...document.querySelectorAll("[data-composer]")].map((form) => form.dataset.groupId));
  for (const groupId of loaded.keys()) if (!shown.has(groupId)) loaded.delete(groupId);
  for (const groupId of shown) {
    const reading = load(groupId);
    reading.then((read) => read !== revision && reload(groupId, reading));
  }
  drafts.forEach((draft) => saveSoon(draft));
}

function reload(groupId, former) {
  if (loaded.get(groupId) !== former) return;
  loaded.delete(groupId);
  load(groupId);
}

export function onUserUpdate({ kind, ...stored }) {
  if (kind === "draft") apply(stored);
}

/** Take over the server's state, unless something else was typed here since. */
function apply({ groupId, parentId, content, version }) {
  const draft = draftOf(groupId, parentId);
  if (version <= draft.version) return;
  const mine = isDirty(draft) || draft.held;
  Object.assign(draft, { version, saved: content });
  if (mine) return saveSoon(draft);
  draft.text = content;
  for (const form of document.querySelectorAll("[data-composer]")) if (ofForm(form) === draft) form.elements.content.value = content;
}

/** Read the drafts of a group; a second call waits for the first. */
function load(groupId) {
  if (!loaded.has(groupId)) loaded.set(groupId, read(groupId));
  return loaded.get(groupId);
}

async function read(groupId) {
  try {
    const response = await fetch(`/api/drafts?${new URLSearchParams({ groupId })}`);
    if (!response.ok) throw new Error(response.statusText);
    const { drafts: stored, revision } = await response.json();
    stored.forEach(apply);
    return revision;
  } catch {
    loaded.delete(groupId);
    return null;
  }
}

function saveSoon(draft, after = AFTER) {
  clearTimeout(draft.timer);
  if (isDirty(draft)) draft.timer = setTimeout(save, after, draft);
}

async function save(draft) {
  clearTimeout(draft.timer);
  if (draft.saving || !isDirty(draft) || !socket.connected) return;
  draft.saving = true;
  let again = AFTER;
  try {
    // Without the version that the server has, another device's text would be overwritten unseen.
    if ((await load(draft.groupId)) !== null) await write(draft);
    else again = RETRY_AFTER;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    again = await settle(draft, error);
  } finally {
    draft.saving = false;
  }
  if (again) saveSoon(draft, again);
}

async function write(draft) {
  const { groupId, parentId, text: content, version } = draft;
  const { draft: stored } = await request("draft", { groupId, ...(parentId ? { parentId } : {}), content, ifVersion: version });
  if (stored.version > draft.version) Object.assign(draft, { version: stored.version, saved: stored.content });
}

/** Return after how long to try again; 0 for what the server will never take, such as a draft of a group one has left. */
async function settle(draft, error) {
  if (error.code !== "version_conflict") return error.retryable ? Math.max(RETRY_AFTER, 1000 * (error.retryAfter || 0)) : 0;
  loaded.delete(draft.groupId);
  await load(draft.groupId);
  return AFTER;
}

/** The page is being left: what is not saved yet is sent along. */
export function keepNow() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  for (const draft of [...drafts.values()].filter(isDirty)) {
    const { groupId, parentId, text: content, version: ifVersion } = draft;
    const body = JSON.stringify({ groupId, ...(parentId ? { parentId } : {}), content, ifVersion });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    fetch("/api/drafts", { method: "PUT", keepalive: true, headers, body }).catch(() => {});
  }
}
