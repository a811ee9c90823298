// One message as an element: cloned from the server's own partial, filled with text only, never with markup.

import { me, nameOf } from "./people.js";
import { writeAvatar, writeLinked, writeSize, writeTime } from "./text.js";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

export const template = (name) => document.getElementById(`${name}-template`).content.firstElementChild.cloneNode(true);

/** The part of a message with this name; not one of a reaction or file of the same name inside it. */
export const part = (element, name) => element.querySelector(`[data-field="${name}"]`);

export const threadUrl = (groupId, messageId) => `/groups/${encodeURIComponent(groupId)}/threads/${encodeURIComponent(messageId)}`;

/** All elements that show a message: it may stand in the log and in the thread. */
export const shown = (messageId) => document.querySelectorAll(`[data-message-id="${CSS.escape(messageId)}"]`);

/** Make a new element of a message as it is on the wire. */
export function build(message) {
  const element = template("message");
  fill(element, message);
  return element;
}

/** Bring an element to the message's present state. Doing it twice is doing it once. */
export function fill(element, message) {
  const own = message.userId === me();
  mark(element, message, own);
  writeBy(element, message);
  writeContent(element, message);
  writeAttachments(element, message.deleted ? [] : message.attachments ?? []);
  writeReactions(element, message.deleted ? [] : message.reactions ?? []);
  writeReplies(element, message.parentId ? 0 : message.replyCount ?? 0);
  writeActions(element, message, own);
}

function mark(element, message, own) {
  const { id, seq, userId, createdAt, version, groupId, parentId, clientId } = message;
  Object.assign(element.dataset, { messageId: id ?? "", seq: seq ?? "", userId, createdAt, version: version ?? "", groupId });
  if (parentId) element.dataset.parentId = parentId;
  if (clientId && own) element.dataset.clientId = clientId;
  element.classList.toggle("own", own);
  element.classList.toggle("deleted", Boolean(message.deleted));
}

function writeBy(element, message) {
  const time = element.querySelector("time");
  time.dateTime = message.createdAt;
  writeTime(time);
  writeName(element, nameOf(message.userId));
}

export function writeName(element, name) {
  part(element, "author").textContent = name;
  writeAvatar(part(element, "avatar"), name);
}

function writeContent(element, message) {
  element.querySelector(".said > form.edit")?.remove();
  let content = part(element, "content");
  if (!content) {
    // A page that came with the editing box has no text to fill as yet.
    content = Object.assign(document.createElement("div"), { className: "content", dir: "auto" });
    content.dataset.field = "content";
    element.querySelector(".by").after(content);
  }
  content.hidden = false;
  if (message.deleted) content.textContent = "This message was deleted.";
  else writeLinked(content, message.content ?? "");
  part(element, "edited").hidden = !message.edited || Boolean(message.deleted);
}

function writeAttachments(element, files) {
  const list = part(element, "attachments");
  list.hidden = !files.length;
  list.replaceChildren(...files.map(attachment));
}

function attachment(file) {
  const image = IMAGES.includes(file.type);
  const element = template(image ? "image" : "file");
  const link = part(element, "link");
  // The server names its own paths; anything else is not a file of this server.
  if (file.url.startsWith("/")) link.href = file.url;
  if (image) writeImage(part(element, "image"), file);
  else {
    part(element, "name").textContent = file.name;
    part(element, "size").textContent = writeSize(file.size);
  }
  return element;
}

function writeImage(img, file) {
  const { width, height } = file.metadata ?? {};
  if (width) Object.assign(img, { width, height });
  img.alt = file.name;
  if (file.url.startsWith("/")) img.src = file.url;
}

export function writeReactions(element, reactions) {
  const list = part(element, "reactions");
  list.hidden = !reactions.length;
  const focused = list.contains(document.activeElement) && document.activeElement.value;
  list.replaceChildren(...reactions.map(chip));
  if (focused) list.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
}

function chip({ emoji, userIds, count }) {
  const element = template("reaction");
  const button = element.querySelector("button");
  button.value = emoji;
  button.setAttribute("aria-pressed", userIds.includes(me()));
  const named = userIds.slice(0, 12).map(nameOf);
  button.title = named.join(", ") + (count > named.length ? ` and ${count - named.length} more` : "");
  part(element, "emoji").textContent = emoji;
  part(element, "count").textContent = count;
  return element;
}

export function writeReplies(element, count) {
  part(element, "replies").hidden = !count;
  part(element, "reply-count").textContent = count;
  part(element, "reply-word").textContent = count === 1 ? "reply" : "replies";
}

function writeActions(element, message, own) {
  const manager = ["owner", "admin"].includes(document.getElementById("conversation").dataset.role);
  const actions = element.querySelector(".actions");
  actions.hidden = Boolean(message.deleted);
  const url = threadUrl(message.groupId, message.parentId ?? message.id ?? "");
  part(element, "replies").href = part(element, "thread").href = url;
  part(element, "thread").hidden = Boolean(message.parentId);
  actions.querySelector("[data-action=edit]").hidden = !own;
  actions.querySelector("[data-action=delete]").hidden = !own && !manager;
}

/** Say how the sending of one's own message goes: "" sent, "pending", or "failed" with the reason. */
export function writeState(element, state, reason = "") {
  const line = part(element, "state");
  if (state) element.dataset.state = state;
  else delete element.dataset.state;
  if (!line) return;
  line.hidden = state !== "failed";
  part(element, "state-text").textContent = reason;
}
