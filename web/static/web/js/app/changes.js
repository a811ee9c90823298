// The server's changes, applied to the page in the order of seq. Where one is missing, the page is fetched again.

import { announce } from "../conversation/announcing.js";
import * as drafts from "../conversation/drafts.js";
import { upsert, update } from "../conversation/log.js";
import { elementsOf, writePinned, writeReplies } from "../conversation/message.js";
import { onGroupChange, showWriting } from "../conversation/place.js";
import * as reading from "../conversation/reading.js";
import { bound } from "../conversation/stretch.js";
import { onSent, onTyping } from "../conversation/typing.js";
import * as unreadLine from "../conversation/unread_line.js";
import * as blocked from "../people/blocked.js";
import { me, onProfileUpdate, setName } from "../people/names.js";
import { writeReactions } from "../reactions/chips.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { connect, isReady, socket } from "./connection.js";
import * as groups from "./groups.js";
import * as inbox from "./inbox.js";
import * as invitations from "./invitations.js";
import * as moderation from "./moderation.js";
import * as notifications from "./notifications.js";
import * as offline from "./offline.js";
import * as outbox from "./outbox.js";
import * as preferences from "./preferences.js";
import { page, position, removeSeen, seenSeq, setSeen } from "./positions.js";
import * as recent from "./recent.js";
import { refresh, refreshIfStale, refreshPanel, visit } from "./router.js";
import * as sections from "./sections.js";
import * as sidebar from "./sidebar.js";
import * as unread from "./unread.js";

const GAP_PAUSE = 500;

export function start() {
  socket.on("ready", onReady);
  for (const event of Object.keys(APPLY)) socket.on(event, (data) => onChange(event, data));
  socket.on("thread_typing_update", onTyping);
  socket.on("user_update", groups.onUserUpdate);
  groups.onMovedBack(reading.hold);
  socket.on("user_update", inbox.onUserUpdate);
  socket.on("user_update", sections.onUserUpdate);
  socket.on("user_update", onOwnSettings);
  socket.on("user_update", drafts.onUserUpdate);
  socket.on("user_update", moderation.onUserUpdate);
  socket.on("user_update", notifications.onUserUpdate);
  socket.on("user_update", invitations.onUserUpdate);
  socket.on("user_update", blocked.onUserUpdate);
  socket.on("user_update", preferences.onUserUpdate);
  groups.onMissed(() => (drafts.resume(), inbox.readSoon(), sections.read(), blocked.read(), invitations.read()));
  socket.on("profile_update", onProfileUpdate);
  groups.onAllRead(() => (offline.onAllGroups(), page().groupId && !sidebar.has(page().groupId) && goToList()));
  connect(() => (page().groupId ? { [page().groupId]: position(page().groupId) } : {}));
}

function onReady({ user, groups: listed, more = false, revision, resumed = {} }) {
  // The page is for somebody else, and being left.
  if (!isReady()) return;
  document.body.dataset.userName = user.name;
  recent.clear();
  groups.onReady(listed, more, revision);
  if (!more) offline.onAllGroups();
  const { groupId } = page();
  if (groupId && !more && !listed.some((group) => group.id === groupId)) goToList();
  else if (resumed[groupId] === "reset" || isBehind(resumed)) refresh();
  else refreshIfStale();
  outbox.resume();
  reading.readSoon();
  inbox.onReady(revision);
  sections.onReady(revision);
  blocked.onReady(revision);
  drafts.resume(revision);
}

/** The group was opened during the handshake: `since` did not name it, so the server does not send what the page lacks. */
const isBehind = (resumed) => !(page().groupId in resumed) && seenSeq(page().groupId) > Number(page().head);

function onChange(event, data) {
  const known = seenSeq(data.groupId);
  // The event that tells a user of their own removal. With a seq that is known, it is an old entry of the log of a
  // group that the user is in again.
  if (event === "member_update" && isOwnRemoval(data) && data.seq > known) return removeGroup(data.groupId);
  if (data.seq > known) {
    setSeen(data.groupId, data.seq);
    if (event === "message" && data.userId === me()) reading.resume(data), inbox.onOwnMessage();
    unread.add(event, data);
  }
  if (event === "message") outbox.confirm(data);
  if (event === "message_delete") offline.onDeleted(data.groupId);
  recent.add(event, data);
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
 * Apply to a page as of `head` the changes that arrived while it was fetched.
 * `logReplaced`: the page's log was replaced too; otherwise the page keeps its head.
 */
export function replay(head, logReplaced) {
  const { groupId } = page();
  const missed = recent.after(groupId, head);
  missed.forEach(({ event, data }) => APPLY[event](data));
  if (!logReplaced) return;
  page().head = Math.max(head, ...missed.map(({ data }) => data.seq));
  const gap = missed.some(({ data }, index) => data.seq !== head + 1 + index) || seenSeq(groupId) > Number(page().head);
  if (groupId && gap) setTimeout(() => refresh(), GAP_PAUSE);
}

const APPLY = {
  message(message) {
    onSent(message);
    const element = upsert(message);
    if (element) delete element.dataset.state, unreadLine.onArrival(element), announce(element), bound();
    if (message.parent) elementsOf(message.parent.id).forEach((parent) => writeReplies(parent, message.parent.replyCount));
    reading.readSoon();
  },
  message_update: ({ message }) => update(message),
  message_delete: ({ message }) => update(message),
  reaction_update: ({ messageId, reactions }) => elementsOf(messageId).forEach((element) => writeReactions(element, reactions)),
  pin_update({ messageId, pinned }) {
    elementsOf(messageId).forEach((element) => writePinned(element, pinned));
    refreshPanel("pins");
  },
  group_update({ group }) {
    const isNew = !sidebar.has(group.id);
    if (isNew) invitations.onJoined();
    groups.onChanged(group.id);
    if ("unread" in group) groups.begin(group);
    else sidebar.upsert(group);
    if (isNew && group.role === "member" && group.kind !== "direct") notice(t("You are now in {name}.", { name: group.name }));
    if (group.id !== page().groupId) return;
    if (!("unread" in group)) onGroupChange(group);
    refreshPanel("members");
  },
  member_update({ groupId, members }) {
    members.forEach(({ userId, name, role }) => (setName(userId, name), userId === me() && setRole(groupId, role)));
    if (groupId === page().groupId) refreshPanel("members");
  },
};

/** The panel of the group's members shows what the user has set of it. */
function onOwnSettings({ kind, groupId }) {
  if (kind === "sections" || (kind === "group_settings" && groupId === page().groupId)) refreshPanel("members");
}

function setRole(groupId, role) {
  if (groupId !== page().groupId) return;
  page().role = role;
  showWriting();
}

const isOwnRemoval = ({ members }) => members.some(({ userId, role }) => userId === me() && role === null);

function removeGroup(groupId) {
  const name = sidebar.nameOf(groupId);
  groups.onChanged(groupId);
  sidebar.remove(groupId);
  unread.forget(groupId);
  removeSeen(groupId);
  offline.onRemoved(groupId);
  if (groupId === page().groupId) goToList(name);
}

function goToList(name) {
  notice(name ? t("You are no longer in {name}.", { name }) : t("You are no longer in that group."));
  visit("/?list", { replace: true });
}
