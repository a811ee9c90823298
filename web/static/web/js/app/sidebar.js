// The list of groups with its unread counts, and their sum in the tab's title.

import { writeAvatar } from "../ui/avatar.js";
import { part, template } from "../ui/template.js";
import { page } from "./positions.js";

const rows = () => document.querySelectorAll("#sidebar .group");
const rowOf = (groupId) => document.querySelector(`#sidebar .group[data-group-id="${CSS.escape(groupId)}"]`);

/** Remove all groups but these, which are shown, and those with the ids `kept`. */
export function sync(groups, kept = new Set()) {
  const known = new Set(groups.map((group) => group.id));
  rows().forEach((row) => known.has(row.dataset.groupId) || kept.has(row.dataset.groupId) || row.remove());
  document.getElementById("more-groups")?.remove();
  markCurrent();
}

/** Add the groups of a fetched page that no event has announced yet. */
export function addMissing(fetched) {
  for (const row of fetched.querySelectorAll("#sidebar .group")) {
    const { groupId: id, kind, notes } = row.dataset;
    if (!has(id)) upsert({ id, kind, name: part(row, "name").textContent, peerCount: notes === undefined ? 1 : 0 });
  }
}

/** Show one group: new, or renamed. */
export function upsert(group) {
  const row = rowOf(group.id) ?? insert(group);
  if (group.name) rename(row, group);
}

function insert({ id, kind, name, peerCount }) {
  const row = template(kind === "direct" ? "direct" : "group");
  const isNotes = kind === "direct" && peerCount === 0;
  row.dataset.groupId = id;
  if (isNotes) row.dataset.notes = "";
  row.querySelector("a").href = `/groups/${encodeURIComponent(id)}`;
  const list = document.querySelector(`#sidebar ul[data-kind="${kind === "direct" ? "direct" : "group"}"]`);
  // One's notes come first.
  const follows = (other) => isNotes || (!("notes" in other.dataset) && part(other, "name").textContent.localeCompare(name) > 0);
  const after = [...list.children].find(follows);
  list.insertBefore(row, after ?? null);
  return row;
}

function rename(row, { id, name, kind }) {
  part(row, "name").textContent = name;
  if (kind === "direct") writeAvatar(part(row, "avatar"), name);
  if (id !== page().groupId) return;
  document.querySelector("#head [data-field=title]").textContent = name;
}

export const has = (groupId) => rowOf(groupId) !== null;

export function nameOf(groupId) {
  const row = rowOf(groupId);
  return row && part(row, "name").textContent;
}

export const remove = (groupId) => (rowOf(groupId)?.remove(), writeTitle());

const unreadOf = (row) => (part(row, "unread").hidden ? 0 : Number(part(row, "count").textContent));

/** Show how many messages are unread, how many of them name the user, and how many everybody. */
export function setUnread(groupId, { unread, mentions, all }) {
  const row = rowOf(groupId);
  if (!row) return;
  part(row, "count").textContent = unread;
  part(row, "unread").hidden = unread === 0;
  part(row, "mention-count").textContent = mentions;
  part(row, "mentions").hidden = mentions === 0;
  part(row, "all").hidden = all === 0;
  writeTitle();
}

/** Mark the group that is open, or the inbox, or the list of threads. */
export function markCurrent() {
  for (const row of rows()) mark(row.querySelector("a"), row.dataset.groupId === page().groupId);
  for (const link of document.querySelectorAll("#sidebar .places a")) mark(link, link.pathname === location.pathname);
  writeTitle();
}

function mark(link, isCurrent) {
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

function writeTitle() {
  const total = [...rows()].reduce((sum, row) => sum + unreadOf(row), 0);
  const name = document.querySelector("#head [data-field=title]")?.textContent;
  document.title = `${total ? `(${total}) ` : ""}${name ? `${name} · ` : ""}chatproject`;
}
