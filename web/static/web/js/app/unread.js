// What is unread in each group: what the server has said last, and what has arrived since (docs/sockets.md says how).

import { me } from "../people/names.js";
import * as recent from "./recent.js";
import * as sidebar from "./sidebar.js";

// By group: {version, head, read, unread, all} as of the seq `head`; and {mentions, mentionsVersion}, which are told apart.
const groups = new Map();

export const clear = () => groups.clear();

export const forget = (groupId) => groups.delete(groupId);

let onCount = () => {};

/** Call back each time that what is known of a group has changed. */
export const onCounted = (callback) => (onCount = callback);

export const unreadIn = (groupId) => groups.get(groupId)?.unread ?? 0;

export const readUpTo = (groupId) => groups.get(groupId)?.read ?? 0;

/**
 * Take over what the server says of a group, unless that is older than what is known.
 * Returns false if that cannot be counted on from: then the group must be read anew.
 */
export function learn(groupId, state) {
  const known = groups.get(groupId);
  if (known && !isNewer(state, known)) return true;
  if (state.head < recent.floor(groupId)) return false;
  const { version, head, read, unread, all } = state;
  const next = { version, head, read, unread, all, mentions: known?.mentions ?? [], mentionsVersion: known?.mentionsVersion ?? -1 };
  recent.after(groupId, head).forEach(({ event, data }) => count(next, event, data));
  groups.set(groupId, next);
  learnMentions(groupId, state);
  return true;
}

const isNewer = (state, known) => state.version > known.version || (state.version === known.version && state.head > known.head);

/** Take over which messages name the user. */
export function learnMentions(groupId, { mentions, version }) {
  const known = groups.get(groupId);
  if (!known) return;
  if (version >= known.mentionsVersion) Object.assign(known, { mentions, mentionsVersion: version });
  show(groupId, known);
}

/** Count one change that has just arrived. */
export function add(event, data) {
  const known = groups.get(data.groupId);
  if (!known || data.seq <= known.head) return;
  count(known, event, data);
  show(data.groupId, known);
}

function count(state, event, data) {
  state.head = data.seq;
  // The mark may lie beyond the head of its state.
  if (event !== "message" || data.parentId || data.seq <= state.read) return;
  // A message of one's own moves one's read mark to it.
  if (data.userId === me()) Object.assign(state, { read: data.seq, unread: 0, all: 0 });
  else {
    state.unread += 1;
    if (data.namesAll) state.all += 1;
  }
}

function show(groupId, { unread, all, read, mentions }) {
  sidebar.setUnread(groupId, { unread, all, mentions: mentions.filter((seq) => seq > read).length });
  onCount(groupId);
}
