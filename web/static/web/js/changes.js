// What the server tells, applied in the order of seq; a hole is filled from the page itself.

import { connect, socket } from "./connection.js";
import { put, update } from "./log.js";
import { part, shown, writeReactions, writeReplies } from "./message.js";
import { refresh, refreshIfStale, refreshPanel, visit } from "./navigate.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import { learn, me } from "./people.js";
import { readSoon } from "./reading.js";
import * as sidebar from "./sidebar.js";
import { onSent, onTyping } from "./typing.js";

const REMEMBERED = 1_000;
const HOLE_PAUSE = 500;
// The last seq that was seen of each group, and the latest changes, for pages that arrive while changes do.
const seen = new Map();
let recent = [];

const page = () => document.getElementById("conversation").dataset;

export const position = (groupId) => (page().groupId === groupId ? Number(page().head) : seen.get(groupId) ?? 0);

export function start() {
  socket.on("ready", onReady);
  for (const event of Object.keys(APPLY)) socket.on(event, (data) => onChange(event, data));
  socket.on("thread_typing_update", onTyping);
  connect(() => (page().groupId ? { [page().groupId]: position(page().groupId) } : {}));
}

function onReady({ user, groups, resumed = {} }) {
  document.body.dataset.userName = user.name;
  recent = [];
  for (const group of groups) seen.set(group.id, group.head);
  sidebar.sync(groups);
  const { groupId } = page();
  if (groupId && !groups.some((group) => group.id === groupId)) leave();
  else if (resumed[groupId] === "reset" || lacksUntold(resumed)) refresh();
  else refreshIfStale();
  outbox.open();
  readSoon();
}

/** The page's group was opened while the connection was made: `since` did not name it, so nobody tells what it lacks. */
const lacksUntold = (resumed) => !(page().groupId in resumed) && (seen.get(page().groupId) ?? 0) > Number(page().head);

function onChange(event, data) {
  const known = seen.get(data.groupId) ?? 0;
  // Told to one who has left: their own leave-taking has no place in the log. An old one is part of the log of one who
  // is in again: `ready` named the group, and how far it goes.
  if (event === "member_update" && isOwnLeaving(data) && data.seq > known) return forget(data.groupId);
  if (data.seq > known) {
    seen.set(data.groupId, data.seq);
    countUnread(event, data);
  }
  recent.push({ event, data });
  if (recent.length > 2 * REMEMBERED) recent = recent.slice(-REMEMBERED);
  if (data.groupId === page().groupId) applyHere(event, data);
  else if (event === "group_update" || event === "member_update") APPLY[event](data);
}

function applyHere(event, data) {
  const head = Number(page().head);
  if (data.seq <= head) return;
  page().head = data.seq;
  APPLY[event](data);
  if (head && data.seq > head + 1) refresh();
}

/**
 * Parts of a page as of `head` have been put in place: what came while they were on their way is applied to them.
 * `whole`: the log is among them; else it stays where it was.
 */
export function replay(head, whole) {
  const { groupId } = page();
  const missed = recent.filter(({ data }) => data.groupId === groupId && data.seq > head);
  missed.forEach(({ event, data }) => APPLY[event](data));
  if (!whole) return;
  page().head = Math.max(head, ...missed.map(({ data }) => data.seq));
  const holed = missed.some(({ data }, index) => data.seq !== head + 1 + index) || (seen.get(groupId) ?? 0) > Number(page().head);
  if (groupId && holed) setTimeout(() => refresh(), HOLE_PAUSE);
}

const APPLY = {
  message(message) {
    outbox.settle(message);
    onSent(message);
    const element = put(message);
    if (element) delete element.dataset.state;
    if (message.parent) shown(message.parent.id).forEach((parent) => writeReplies(parent, message.parent.replyCount));
    readSoon();
  },
  message_update: ({ message }) => update(message),
  message_delete: ({ message }) => update(message),
  reaction_update: ({ messageId, reactions }) => shown(messageId).forEach((element) => writeReactions(element, reactions)),
  group_update({ group }) {
    const fresh = !sidebar.has(group.id);
    sidebar.put(group);
    if (fresh && group.role === "member" && group.kind !== "direct") notice(`You are now in ${group.name}.`);
    if (group.id === page().groupId) refreshPanel("members");
  },
  member_update({ groupId, members }) {
    members.forEach(({ userId, name, role }) => (learn(userId, name), userId === me() && setRole(groupId, role)));
    if (groupId === page().groupId) refreshPanel("members");
  },
};

const setRole = (groupId, role) => groupId === page().groupId && (page().role = role);

const isOwnLeaving = ({ members }) => members.some(({ userId, role }) => userId === me() && role === null);

function countUnread(event, data) {
  if (event === "message" && !data.parentId && data.userId !== me()) sidebar.addUnread(data.groupId);
}

function forget(groupId) {
  const row = document.querySelector(`#sidebar [data-group-id="${CSS.escape(groupId)}"]`);
  const name = row ? part(row, "name").textContent : "the group";
  sidebar.remove(groupId);
  seen.delete(groupId);
  if (groupId === page().groupId) leave(name);
}

function leave(name = "that group") {
  notice(`You are no longer in ${name}.`);
  visit("/?list", { replace: true });
}
