// The list of conversations, its counts, and the count in the tab's title.

import { template } from "./message.js";
import { part } from "./message.js";
import { writeAvatar } from "./text.js";

const rowOf = (groupId) => document.querySelector(`#sidebar .group[data-group-id="${CSS.escape(groupId)}"]`);
const current = () => document.getElementById("conversation").dataset.groupId;

/** Bring the list to what the server says. */
export function sync(groups) {
  const known = new Set(groups.map((group) => group.id));
  document.querySelectorAll("#sidebar .group").forEach((row) => known.has(row.dataset.groupId) || row.remove());
  groups.forEach(put);
  mark();
}

/** Show one group: new, renamed, or with another count. */
export function put(group) {
  const row = rowOf(group.id) ?? insert(group);
  if (group.name) rename(row, group);
  if (group.unread !== undefined) setUnread(group.id, group.unread);
}

function insert({ id, kind, name }) {
  const row = template(kind === "direct" ? "direct" : "group");
  row.dataset.groupId = id;
  row.querySelector("a").href = `/groups/${encodeURIComponent(id)}`;
  const list = document.querySelector(`#sidebar ul[data-kind="${kind === "direct" ? "direct" : "group"}"]`);
  const after = [...list.children].find((other) => part(other, "name").textContent.localeCompare(name) > 0);
  list.insertBefore(row, after ?? null);
  return row;
}

function rename(row, { id, name, kind }) {
  part(row, "name").textContent = name;
  if (kind === "direct") writeAvatar(part(row, "avatar"), name);
  if (id !== current()) return;
  document.querySelector("#head [data-field=title]").textContent = name;
}

export const has = (groupId) => rowOf(groupId) !== null;
export const remove = (groupId) => (rowOf(groupId)?.remove(), writeTitle());

const unreadOf = (row) => (part(row, "unread").hidden ? 0 : Number(part(row, "count").textContent));

export function addUnread(groupId) {
  const row = rowOf(groupId);
  if (row) setUnread(groupId, unreadOf(row) + 1);
}

export function setUnread(groupId, count) {
  const row = rowOf(groupId);
  if (!row) return;
  part(row, "count").textContent = count;
  part(row, "unread").hidden = count === 0;
  writeTitle();
}

/** Mark the conversation that is open. */
export function mark() {
  for (const row of document.querySelectorAll("#sidebar .group")) {
    row.querySelector("a").toggleAttribute("aria-current", row.dataset.groupId === current());
    if (row.dataset.groupId === current()) row.querySelector("a").setAttribute("aria-current", "page");
  }
  writeTitle();
}

function writeTitle() {
  const total = [...document.querySelectorAll("#sidebar .group")].reduce((sum, row) => sum + unreadOf(row), 0);
  const name = document.querySelector("#head [data-field=title]")?.textContent;
  document.title = `${total ? `(${total}) ` : ""}${name ? `${name} · ` : ""}chatproject`;
}
