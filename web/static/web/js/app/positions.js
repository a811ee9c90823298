// How far the log of each group has been seen.

// The highest seq of each group that an event or `ready` has named.
const seen = new Map();

/** What the page says of itself: groupId, head (the seq up to which it is complete), role, live,
 * post and archived (of the group, conversation/place.js). */
export const page = () => document.getElementById("conversation").dataset;

export const seenSeq = (groupId) => seen.get(groupId) ?? 0;

export const setSeen = (groupId, seq) => seen.set(groupId, seq);

export const removeSeen = (groupId) => seen.delete(groupId);

/** The last seq of a group that this browser knows: the page's head, or for other groups the last one seen. */
export const position = (groupId) => (page().groupId === groupId ? Number(page().head) : seenSeq(groupId));
