// Whom the user has blocked: what they write in shared groups is folded.

const blocked = new Set();

/** Take over what a page brings along. */
export function readBlocked(page) {
  const data = page.getElementById("blocked");
  if (!data) return;
  blocked.clear();
  JSON.parse(data.textContent).forEach((id) => blocked.add(id));
}

export const isBlocked = (id) => blocked.has(id);

/** Somebody was blocked or unblocked, perhaps on another device: fold or unfold what the page has of them. */
export function onUserUpdate({ kind, userId, blocked: now }) {
  if (kind !== "blocked") return;
  if (now) blocked.add(userId);
  else blocked.delete(userId);
  document.querySelectorAll(`.message[data-user-id="${CSS.escape(userId)}"]`).forEach(writeFold);
}

/** Fold a message whose author is blocked, and no other. */
export function writeFold(element) {
  const fold = element.querySelector(":scope > .said > .fold");
  if (fold) fold.hidden = !blocked.has(element.dataset.userId);
}
