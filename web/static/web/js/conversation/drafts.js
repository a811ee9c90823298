// What is typed and not sent yet: kept in this browser at once, on the server a moment later, and shown on the user's other devices.
// Without a connection it stays in the browser until there is one. Of two texts that devices have typed at the same time, both are kept.

import { RequestError, isReady, request } from "../app/connection.js";
import { token } from "../app/csrf.js";
import * as outbox from "../app/outbox.js";
import * as storage from "../app/storage.js";
import { findOpen, tab } from "../app/tabs.js";
import { wordsOf } from "../ui/errors.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { isSame, joined, merged } from "./merging.js";
import { sourceOf, write } from "./source.js";

const AFTER = 800;
const RETRY_AFTER = 5_000;
// By group and thread: {groupId, parentId, text: here, saved: on the server as of version, written: here, by requests whose outcome
// is not known, kept: in the browser, saving, refused, timer}.
const drafts = new Map();
// By group whose drafts were read, and are kept true by events: a promise of the revision that they have, null after a failure.
const loaded = new Map();

function draftOf(groupId, parentId) {
  const key = `${groupId} ${parentId ?? ""}`;
  const empty = { groupId, parentId: parentId || undefined, text: "", saved: "", version: 0, written: [] };
  if (!drafts.has(key)) drafts.set(key, empty);
  return drafts.get(key);
}

const ofForm = ({ dataset }) => draftOf(dataset.groupId, dataset.parentId);

/** What was sent is cleared on the server once the message is stored. */
const isDirty = (draft) => !isSame(draft.text, draft.saved) && (Boolean(draft.text) || !outbox.holds(draft));

// Resolves once what pages of before have left behind is known: what the server has comes after it.
let restored = null;

/** Begin once it is known what waits to be sent. */
export const start = (known) => (restored = known.then(restore));

/** Go on with what was typed in tabs that are closed: also this one, before it was loaded anew. */
async function restore() {
  const isOpen = await findOpen();
  const left = (await storage.all("texts")).filter(({ kind, tab: other }) => kind === "draft" && !isOpen(other));
  for (const { key, groupId, parentId, text, saved, version, written } of left) {
    const draft = draftOf(groupId, parentId);
    const both = merged({ text, saved, written, isDirty: true }, draft.text);
    if (version > draft.version) Object.assign(draft, { saved, version, written });
    show(draft, both);
    keep(draft);
    storage.remove("texts", key);
    saveSoon(draft);
  }
}

/** Keep in the browser what the server has not. */
function keep(draft) {
  const { groupId, parentId, text, saved, version, written } = draft;
  const key = `draft ${tab} ${groupId} ${parentId ?? ""}`;
  if (!isSame(text, saved)) storage.put("texts", { key, kind: "draft", tab, groupId, parentId, text, saved, version, written });
  else if (draft.kept) storage.remove("texts", key);
  draft.kept = !isSame(text, saved);
}

/** Show the draft in a composer of a new page; what the page itself has written there counts as typed, below it. */
export function attach(form) {
  const field = form.elements.content;
  const draft = ofForm(form);
  const text = joined(draft.text, sourceOf(field));
  write(field, text);
  if (text !== draft.text) typed(form);
  load(draft.groupId);
}

export function typed(form) {
  const draft = ofForm(form);
  draft.text = sourceOf(form.elements.content);
  keep(draft);
  saveSoon(draft);
}

/** The composer's text was handed to the outbox. */
export function hold(form) {
  const draft = ofForm(form);
  if (draft.text) draft.written.push(draft.text);
  draft.text = "";
  keep(draft);
}

/** A message of the outbox is stored, or was discarded. */
export function release({ groupId, parentId }) {
  const draft = draftOf(groupId, parentId);
  if (!outbox.holds(draft) && !draft.saving && !isDirty(draft)) draft.written = [];
  save(draft);
}

/** Return whether nothing typed is lost with a page of which the browser keeps nothing: what is not saved yet is sent along. */
export const mayLeave = () => ![...drafts.values()].some((draft) => isDirty(draft) && (draft.refused || !isReady()));

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
  restore();
}

function reload(groupId, former) {
  if (loaded.get(groupId) !== former) return;
  loaded.delete(groupId);
  load(groupId);
}

export function onUserUpdate({ kind, ...stored }) {
  if (kind === "draft") apply(stored);
}

function apply({ groupId, parentId, content, version }) {
  const draft = draftOf(groupId, parentId);
  if (version > draft.version) takeOver(draft, { content, version });
}

/** Take over the server's state, beside what was typed here since. */
function takeOver(draft, { content, version }) {
  const text = merged({ ...draft, isDirty: isDirty(draft) }, content);
  if (draft.text && !isSame(text, draft.text) && !isSame(text, content)) notice(t("You wrote something else on another device: both texts are in the box."));
  // Requests before the one that has written this are decided, and all if another device has.
  const own = draft.written.findLastIndex((each) => isSame(each, content));
  Object.assign(draft, { version, saved: content, written: own < 0 ? [] : draft.written.slice(own + 1) });
  if (!isSame(text, draft.text)) show(draft, text);
  keep(draft);
  saveSoon(draft);
}

function show(draft, text) {
  draft.text = text;
  for (const form of document.querySelectorAll("[data-composer]")) if (ofForm(form) === draft) write(form.elements.content, text);
}

/** Read the drafts of a group; a second call waits for the first. */
function load(groupId) {
  if (!loaded.has(groupId)) loaded.set(groupId, restored.then(() => read(groupId)));
  return loaded.get(groupId);
}

async function read(groupId) {
  const before = [...drafts.values()].filter((draft) => draft.groupId === groupId && draft.version).map((draft) => [draft, draft.version]);
  try {
    const response = await fetch(`/api/drafts?${new URLSearchParams({ groupId })}`);
    if (!response.ok) throw new Error(response.statusText);
    const { drafts: stored, revision } = await response.json();
    stored.forEach(apply);
    const found = new Set(stored.map((each) => draftOf(groupId, each.parentId)));
    // The server forgets a draft some time after it was cleared, and takes the next text as the first again.
    for (const [draft, version] of before) if (!found.has(draft) && draft.version === version) takeOver(draft, { content: "", version: 0 });
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
  if (draft.saving || !isDirty(draft) || !isReady()) return;
  draft.saving = true;
  let again = AFTER;
  try {
    // Without the version that the server has, another device's text would be overwritten unseen.
    if ((await load(draft.groupId)) !== null) await writeOut(draft);
    else again = RETRY_AFTER;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    again = await settle(draft, error);
  } finally {
    draft.saving = false;
  }
  if (again) saveSoon(draft, again);
}

async function writeOut(draft) {
  const { groupId, parentId, text: content, version } = draft;
  if (!isDirty(draft)) return;
  draft.written.push(content);
  const { draft: stored } = await request("draft", { groupId, ...(parentId ? { parentId } : {}), content, ifVersion: version });
  if (stored.version > draft.version) Object.assign(draft, { version: stored.version, saved: stored.content });
  // An earlier request would have changed the version.
  Object.assign(draft, { written: [], refused: false });
  keep(draft);
}

/** Return after how long to try again; 0 for what the server does not take, such as a draft of a group one has left. */
async function settle(draft, error) {
  if (error.code === "version_conflict") {
    loaded.delete(draft.groupId);
    await load(draft.groupId);
    return AFTER;
  }
  if (error.retryable) return Math.max(RETRY_AFTER, 1000 * (error.retryAfter || 0));
  if (draft.text && !draft.refused) notice(t("What you are writing is kept in this browser alone: {reason}", { reason: wordsOf(error) }));
  draft.refused = Boolean(draft.text);
  return 0;
}

/** The page is being left, or perhaps not shown again: what is not saved yet is sent along. */
export function keepNow() {
  for (const draft of [...drafts.values()].filter(isDirty)) {
    const { groupId, parentId, text: content, version, saving } = draft;
    // The request under way changes the version, and is older than this one.
    const condition = saving ? {} : { ifVersion: version };
    const body = JSON.stringify({ groupId, ...(parentId ? { parentId } : {}), content, ...condition });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
    draft.written.push(content);
    fetch("/api/drafts", { method: "PUT", keepalive: true, headers, body }).catch(() => {});
  }
}
