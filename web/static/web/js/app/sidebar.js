// The list of groups with its unread counts, and their sum in the tab's title.

import { writeAvatar, writePicture } from "../ui/avatar.js";
import { part, template } from "../ui/template.js";
import { writeCount } from "../ui/text.js";
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
    if (has(id)) continue;
    const added = insert({ id, kind, name: part(row, "name").textContent, peerCount: notes === undefined ? 1 : 0 });
    if (kind !== "direct") part(added, "picture").replaceWith(document.adoptNode(part(row, "picture")));
  }
}

/** Show one group: new, or renamed. */
export function upsert(group) {
  const row = rowOf(group.id) ?? insert(group);
  if (group.name) rename(row, group);
  if (group.kind !== "direct") showPicture(row, group);
}

function showPicture(row, { id, imageUrl }) {
  writePicture(part(row, "picture"), imageUrl);
  if (id === page().groupId) writePicture(part(document.getElementById("head"), "picture"), imageUrl);
}

function insert({ id, kind, name = "", peerCount }) {
  const row = template(kind === "direct" ? "direct" : "group");
  const isNotes = kind === "direct" && peerCount === 0;
  row.dataset.groupId = id;
  if (isNotes) row.dataset.notes = "";
  row.querySelector("a").href = `/groups/${encodeURIComponent(id)}`;
  writeName(row, { name, kind });
  putInto(isNotes ? document.getElementById("own-notes") : listOf(kind), row);
  return row;
}

const listOf = (kind) => document.querySelector(`#sidebar ul[data-kind="${kind === "direct" ? "direct" : "group"}"]`);

function putInto(list, row) {
  const after = [...list.children].find((other) => other !== row && keyOf(other) > keyOf(row));
  list.insertBefore(row, after ?? null);
}

/** The order of the server (groups/selectors.py): by name without case, and then by id. */
const keyOf = (row) => `${part(row, "name").textContent.toUpperCase().toLowerCase()}\0${row.dataset.groupId}`;

/** Put a group where it belongs: among the favourites, into its section, or to the others of its kind. */
export function place(groupId, { favourite, sectionId }) {
  const row = rowOf(groupId);
  // One's notes stay above all others.
  if (!row || "notes" in row.dataset) return;
  const favourites = document.getElementById("favourites");
  const section = sectionId && document.querySelector(`#own-sections [data-section-id="${CSS.escape(sectionId)}"]`);
  const list = favourite ? favourites.querySelector("ul") : (section?.querySelector("ul") ?? listOf(row.dataset.kind));
  if (row.parentElement !== list) putInto(list, row);
  favourites.hidden = !favourites.querySelector("li");
}

/** Show whether a group is muted, and whether what is unread there is no reason to look. */
export function setQuiet(groupId, { muted, quiet }) {
  const row = rowOf(groupId);
  if (!row) return;
  row.classList.toggle("quieted", quiet);
  part(row, "muted").hidden = !muted;
  writeTitle();
}

function rename(row, { id, name, kind }) {
  const isNew = part(row, "name").textContent !== name;
  writeName(row, { name, kind });
  if (isNew) putInto(row.parentElement, row);
  if (id !== page().groupId) return;
  document.querySelector("#head [data-field=title]").textContent = name;
}

function writeName(row, { name, kind }) {
  part(row, "name").textContent = name;
  if (kind === "direct") writeAvatar(part(row, "avatar"), name);
}

export const has = (groupId) => rowOf(groupId) !== null;

export function nameOf(groupId) {
  const row = rowOf(groupId);
  return row && part(row, "name").textContent;
}

export function remove(groupId) {
  rowOf(groupId)?.remove();
  const favourites = document.getElementById("favourites");
  favourites.hidden = !favourites.querySelector("li");
  writeTitle();
}

const unreadOf = (row) => Number(part(row, "count").dataset.count);

/** Show how many messages are unread, how many of them name the user, and how many everybody. */
export function setUnread(groupId, { unread, mentions, all }) {
  const row = rowOf(groupId);
  if (!row) return;
  writeCount(part(row, "count"), unread);
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
  if (isCurrent && !link.matches("[aria-current]")) link.scrollIntoView({ block: "nearest" });
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

function writeTitle() {
  const total = [...rows()].reduce((sum, row) => sum + (row.classList.contains("quieted") ? 0 : unreadOf(row)), 0);
  const name = document.querySelector("#head [data-field=title]")?.textContent;
  document.title = `${total ? `(${total}) ` : ""}${name ? `${name} · ` : ""}${document.body.dataset.workspaceName}`;
}
