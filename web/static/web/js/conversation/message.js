// One message as an element: cloned from the server's own component, filled with text, and with the HTML of its text that
// the server has made and cleaned (messaging/text/). No other markup is written.

import { page } from "../app/positions.js";
import { writeFold } from "../people/blocked.js";
import { me, nameOf } from "../people/names.js";
import { writeReactions } from "../reactions/chips.js";
import { writeAvatar } from "../ui/avatar.js";
import { say } from "../ui/saying.js";
import { part, template } from "../ui/template.js";
import { formatSize } from "../ui/text.js";
import { n, t } from "../ui/texts.js";
import { writeTime } from "../ui/time.js";
import { dress, writeLength } from "./content.js";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

const isManager = () => ["owner", "admin"].includes(page().role);
const pageUrl = (groupId, seq) => `/groups/${encodeURIComponent(groupId)}/messages/${seq ?? ""}`;
const messageUrl = (groupId, messageId, name) => `${pageUrl(groupId, encodeURIComponent(messageId))}/${name}`;
const threadUrl = (groupId, messageId) => `/groups/${encodeURIComponent(groupId)}/threads/${encodeURIComponent(messageId)}`;

/** All elements that show a message: it can be in the log and in the thread at once. */
export const elementsOf = (messageId) => document.querySelectorAll(`[data-message-id="${CSS.escape(messageId)}"]`);

/** Return a new element for a message of the wire. */
export function createMessage(message) {
  const element = template("message");
  writeMessage(element, message);
  return element;
}

/** Show the message's present state in its element; idempotent. */
export function writeMessage(element, message) {
  const own = message.userId === me();
  writeData(element, message, own);
  writeBy(element, message);
  writeContent(element, message);
  writeFold(element);
  writeEdited(element, message, own);
  writeAttachments(element, message.deleted ? [] : message.attachments ?? []);
  writeReactions(element, message.deleted ? [] : message.reactions ?? []);
  writeReplies(element, message.parentId ? 0 : message.replyCount ?? 0);
  writePinned(element, message.pinned);
  writeActions(element, message, own);
  formIn(element)?.dispatchEvent(new CustomEvent("rewritten", { bubbles: true, detail: message }));
}

/** The form in which the reader edits the message: what they have typed there is theirs, whatever becomes of the message. */
const formIn = (element) => element.querySelector(":scope > .said > form.edit");

function writeData(element, message, own) {
  const { id, seq, userId, createdAt, version, groupId, parentId, clientId } = message;
  Object.assign(element.dataset, { messageId: id ?? "", seq: seq ?? "", userId, createdAt, version: version ?? "", groupId });
  if (parentId) element.dataset.parentId = parentId;
  // What the edit form begins with.
  if (own && !message.deleted) element.dataset.content = message.content ?? "";
  else delete element.dataset.content;
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
  let content = part(element, "content");
  if (!content) {
    // A page that the server rendered with the edit form has no element for the text.
    content = Object.assign(document.createElement("div"), { className: "content", dir: "auto" });
    content.dataset.field = "content";
    element.querySelector(".by").after(content);
  }
  content.hidden = formIn(element) !== null && part(formIn(element), "changed").hidden;
  // While it is being sent, it is shown as it was typed.
  const typed = !message.deleted && message.html === undefined;
  content.classList.toggle("typed", typed);
  if (message.deleted) {
    content.textContent = t("This message was deleted.");
    showGoing(element, false);
  }
  else if (typed) content.textContent = message.content ?? "";
  else content.innerHTML = message.html;
  dress(content);
  writeLength(element, message.deleted ? "" : (message.content ?? ""));
}

/** Show a message as it is once it is deleted, though it is not yet, or as it was. */
export function showGoing(element, isGoing) {
  const note = element.querySelector(":scope > .said > .going");
  if (isGoing === Boolean(note)) return;
  if (!isGoing) {
    delete element.dataset.going;
    return note.remove();
  }
  element.dataset.going = "";
  element.querySelector(".by").after(Object.assign(document.createElement("p"), { className: "going", textContent: t("This message was deleted.") }));
}

function writeEdited(element, message, own) {
  const link = part(element, "edited");
  link.hidden = !message.edited || Boolean(message.deleted);
  const shownTo = document.body.dataset.editHistory;
  if (shownTo === "members" || (shownTo === "managers" && (own || isManager())) || (shownTo === "author" && own)) {
    link.href = messageUrl(message.groupId, message.id ?? "", "history");
  } else link.removeAttribute("href");
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
  // A file of this server has a path; any other address is not followed.
  if (file.url.startsWith("/")) link.href = file.url;
  if (image) writeImage(part(element, "image"), file);
  else {
    part(element, "name").textContent = file.name;
    part(element, "size").textContent = formatSize(file.size);
  }
  return element;
}

function writeImage(img, file) {
  const { width, height } = file.metadata ?? {};
  if (width) Object.assign(img, { width, height });
  img.alt = file.name;
  if (file.url.startsWith("/")) img.src = file.url;
}

export function writeReplies(element, count) {
  part(element, "replies").hidden = !count;
  part(element, "reply-count").textContent = n("{count} reply", "{count} replies", count);
}

/** `pinned` is {userId, createdAt}, or undefined. */
export function writePinned(element, pinned) {
  part(element, "pinned").hidden = !pinned;
  element.dataset.pinnedBy = pinned?.userId ?? "";
  if (pinned) writePinnedBy(element, nameOf(pinned.userId));
  const button = part(element, "pin");
  button.value = pinned ? "remove" : "add";
  button.textContent = pinned ? t("Unpin") : t("Pin");
}

export const writePinnedBy = (element, name) => (part(element, "pinned-by").textContent = name);

function writeActions(element, message, own) {
  const manager = isManager();
  const actions = element.querySelector(".actions");
  actions.hidden = Boolean(message.deleted);
  const url = threadUrl(message.groupId, message.parentId ?? message.id ?? "");
  part(element, "replies").href = part(element, "thread").href = url;
  part(element, "thread").hidden = Boolean(message.parentId);
  part(element, "permalink").href = part(element, "when").href = pageUrl(message.groupId, message.seq);
  part(element, "forward").href = messageUrl(message.groupId, message.id ?? "", "forward");
  actions.querySelector("[data-action=quote]").href = messageUrl(message.groupId, message.id ?? "", "quote");
  part(element, "remind").href = messageUrl(message.groupId, message.id ?? "", "remind/when");
  part(element, "report").href = messageUrl(message.groupId, message.id ?? "", "report");
  part(element, "report").hidden = own;
  part(element, "why").href = messageUrl(message.groupId, message.id ?? "", "why");
  part(element, "why").hidden = own;
  actions.querySelector("[data-action=edit]").hidden = !own;
  const remove = actions.querySelector("[data-action=delete]");
  remove.hidden = !own && !manager;
  remove.href = messageUrl(message.groupId, message.id ?? "", "delete");
}

/** Show the state of the user's own message: "" for sent, "pending", or "failed" with the reason. */
export function writeState(element, state, reason = "") {
  const line = part(element, "state");
  if (state) element.dataset.state = state;
  else delete element.dataset.state;
  if (!line) return;
  line.hidden = state !== "failed";
  part(element, "state-text").textContent = reason;
  if (state === "failed") say(reason);
}
