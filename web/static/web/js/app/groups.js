// The user's groups: `ready` lists those that were written to last, and the API all, in pages. What another device of the
// user has read is told by `user_update`.

import { fetchPages } from "../ui/pages.js";
import { seenSeq, setSeen } from "./positions.js";
import * as ownSettings from "./own_settings.js";
import * as recent from "./recent.js";
import * as sidebar from "./sidebar.js";
import * as unread from "./unread.js";

const RETRY_AFTER = 5_000;
// The revision of the last `user_update`, or of what was read.
let revision = 0;
let reads = 0;
// Groups that the user joined or left while all were read: the pages may be older.
let changed = new Set();

let onRead = () => {};
let onBack = () => {};
let onGap = () => {};

/** Call back each time that all groups were read. */
export const onAllRead = (callback) => (onRead = callback);

/** Call back with a group's id each time that its mark was moved back. */
export const onMovedBack = (callback) => (onBack = callback);

/** Call back when a change of what belongs to the user was missed. */
export const onMissed = (callback) => (onGap = callback);

export const onChanged = (groupId) => changed.add(groupId);

export function onReady(listed, more, current) {
  revision = current;
  reads += 1;
  unread.clear();
  ownSettings.clear();
  listed.forEach(begin);
  if (more) readAll();
  else sidebar.sync(listed);
}

export function onUserUpdate({ revision: next, kind, groupId, parentId, ...state }) {
  if (next <= revision) return;
  const missed = next > revision + 1;
  revision = next;
  if (missed) readAll(), onGap();
  else if (kind === "profile") document.body.dataset.userName = state.user.name;
  else if (kind === "group_settings") ownSettings.learn(groupId, state);
  else if (kind === "mentions") unread.learnMentions(groupId, state);
  else if (kind === "read_mark" && !parentId) learn(groupId, state);
}

/** Show a group that the user is in from now on: each change after its `head` arrives. */
export function begin(group) {
  recent.begin(group.id, group.head);
  show(group);
}

/** Take over what is unread in a group; if later messages are not known here, read it anew. */
export async function learn(groupId, state) {
  const before = unread.readUpTo(groupId);
  const learned = unread.learn(groupId, state);
  if (unread.readUpTo(groupId) < before) onBack(groupId);
  if (learned) return;
  const response = await fetch(`/api/groups/${encodeURIComponent(groupId)}`).catch(() => null);
  if (response?.ok) unread.learn(groupId, await response.json());
}

/** Read all groups anew and show exactly these. */
async function readAll() {
  const number = ++reads;
  changed = new Set();
  try {
    const pages = await fetchPages("/api/groups");
    if (number !== reads) return;
    const groups = pages.flatMap((page) => page.groups).filter((group) => !changed.has(group.id));
    revision = Math.max(revision, pages[0].revision);
    groups.forEach(show);
    sidebar.sync(groups, changed);
    onRead();
  } catch {
    setTimeout(() => number === reads && readAll(), RETRY_AFTER);
  }
}

function show(group) {
  setSeen(group.id, Math.max(seenSeq(group.id), group.head));
  sidebar.upsert(group);
  ownSettings.learn(group.id, group.own);
  unread.learn(group.id, group);
}
