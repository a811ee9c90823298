// The logs on the page, of a group or a thread: messages in the order of seq, with day separators and author headings
// between them.

import { page } from "../app/positions.js";
import { template } from "../ui/template.js";
import { sameDay, writeTime } from "../ui/time.js";
import { createMessage, elementsOf, writeMessage } from "./message.js";

/** The list that a message belongs to, if the page shows it: the group's log, or the open thread. */
export function listFor(groupId, parentId) {
  if (page().groupId !== groupId) return null;
  if (!parentId && !("live" in page())) return null;
  return document.querySelector(`.log[data-parent-id="${CSS.escape(parentId ?? "")}"]`);
}

/** Show a message: update its elements, or insert one, or turn the pending one of the same clientId into it. */
export function upsert(message) {
  const known = [...elementsOf(message.id)];
  known.forEach((element) => writeMessage(element, message));
  const list = listFor(message.groupId, message.parentId);
  if (!list || known.some((element) => element.parentElement === list)) return null;
  const element = pending(list, message.clientId) ?? createMessage(message);
  writeMessage(element, message);
  insert(list, element);
  return element;
}

/** Update a message where the page shows it; one that is not on the page is not inserted. */
export const update = (message) => elementsOf(message.id).forEach((element) => writeMessage(element, message));

export const pending = (list, clientId) => clientId && list.querySelector(`[data-client-id="${CSS.escape(clientId)}"].own`);

/** The time it takes does not depend on how many messages are shown: only what stands beside the message is looked at. */
function insert(list, element) {
  const seq = Number(element.dataset.seq);
  const follower = nextMessage(element);
  let before = null;
  for (let other = lastMessage(list); other; other = previousMessage(other)) {
    if (other === element) continue;
    // A pending message has no seq and stays last.
    if (other.dataset.seq && Number(other.dataset.seq) < seq) break;
    before = other;
  }
  if (element.parentElement !== list || follower !== before) list.insertBefore(element, before);
  // Decorate before layout: the browser keeps a scrolled reader's place when a message is inserted, but not when the
  // message shrinks later.
  const nearby = new Set([element, nextMessage(element), follower]);
  nearby.forEach((each) => each && decorate(each));
}

const isMessage = (element) => element.classList.contains("message");

const nearest = (element, direction) => {
  let other = element;
  while (other && !isMessage(other)) other = other[direction];
  return other;
};

const lastMessage = (list) => nearest(list.lastElementChild, "previousElementSibling");
const previousMessage = (element) => nearest(element.previousElementSibling, "previousElementSibling");
export const nextMessage = (element) => nearest(element.nextElementSibling, "nextElementSibling");

/** The messages of a list, in its order. */
export const messagesOf = (list) => [...list.children].filter(isMessage);

const rootOf = (list) => list.dataset.parentId && list.closest("#panel")?.querySelector(".root > .message");

export function append(list, element) {
  list.append(element);
  decorate(element);
}

/** Set the days, the headings and the line 'New' of the whole list. */
export function arrange(list) {
  const messages = messagesOf(list);
  const first = messages.find((element) => element.dataset.seq === list.dataset.newFrom);
  if (first && !first.previousElementSibling?.matches(".unread-line")) first.before(template("unread-line"));
  messages.forEach((element) => decorate(element));
}

/** Move the line 'New' above a message, or take it away. */
export function setUnreadLine(list, element) {
  const line = list.querySelector(":scope > .unread-line");
  const former = line && nextMessage(line);
  line?.remove();
  if (element) list.dataset.newFrom = element.dataset.seq;
  else delete list.dataset.newFrom;
  element?.before(template("unread-line"));
  [former, element].forEach((each) => each && decorate(each));
}

/** Set the day above a message and its heading, depending on the message before it. */
export function decorate(element) {
  const at = new Date(element.dataset.createdAt);
  const previous = previousMessage(element);
  const earlier = previous ?? rootOf(element.parentElement);
  const newDay = !earlier || !sameDay(at, new Date(earlier.dataset.createdAt));
  setDay(element, newDay ? at : null);
  element.classList.toggle("continued", Boolean(previous) && !newDay && sharesHeading(previous, element));
}

/** Set or remove the day above a message. One that is already correct stays: a screen reader would read out a new one. */
function setDay(element, at) {
  const line = element.previousElementSibling;
  const first = line?.matches(".unread-line") ? line : element;
  const day = first.previousElementSibling?.matches(".day") ? first.previousElementSibling : null;
  if (!at) day?.remove();
  else if (!day) first.before(daySeparator(at));
  else if (!sameDay(at, new Date(day.querySelector("time").dateTime))) day.replaceWith(daySeparator(at));
}

/** Whether a message follows one of the same author closely enough; web/conversation/content.py has the same rule. */
function sharesHeading(previous, element) {
  if (previous.dataset.userId !== element.dataset.userId || element.previousElementSibling !== previous) return false;
  const seconds = (new Date(element.dataset.createdAt) - new Date(previous.dataset.createdAt)) / 1000;
  return seconds < Number(document.body.dataset.headingSeconds);
}

function daySeparator(at) {
  const day = template("day");
  day.querySelector("time").dateTime = at.toISOString();
  writeTime(day.querySelector("time"));
  return day;
}
