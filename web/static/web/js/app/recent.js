// The latest changes of all groups, to be applied to what was fetched while they arrived.

import { me } from "../people/names.js";

const REMEMBERED = 1_000;
let changes = [];

export const clear = () => (changes = []);

export function add(event, data) {
  changes.push({ event, data });
  if (changes.length > 2 * REMEMBERED) changes = changes.slice(-REMEMBERED);
}

/** The changes of a group after the seq `head`. */
export const after = (groupId, head) => changes.filter(({ data }) => data.groupId === groupId && data.seq > head);

/** How many messages of a group are unread now, of which `unread` were up to the seq `head`. */
export function unreadNow(groupId, unread, head) {
  for (const { event, data } of after(groupId, head)) {
    if (event === "message" && !data.parentId) unread = data.userId === me() ? 0 : unread + 1;
  }
  return unread;
}
