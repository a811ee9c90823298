// The logs on the page, of a group or a thread: messages in the order of seq, with day separators and author headings
// between them.

import { page } from "../app/positions.js";
import { template } from "../ui/template.js";
import { dayName, sameDay } from "../ui/time.js";
import { createMessage, elementsOf, writeMessage } from "./message.js";

const MAX_MESSAGES = 300;

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

function insert(list, element) {
  const seq = Number(element.dataset.seq);
  let before = null;
  for (const other of [...list.querySelectorAll(":scope > .message")].reverse()) {
    if (other === element) continue;
    // A pending message has no seq and stays last.
    if (other.dataset.seq && Number(other.dataset.seq) < seq) break;
    before = other;
  }
  list.insertBefore(element, before);
  // Decorate before layout: the browser keeps a scrolled reader's place when a message is inserted, but not when the
  // message shrinks later.
  decorate(element, lastBefore(element), rootOf(list));
  arrangeSoon(list);
}

function lastBefore(element) {
  let other = element.previousElementSibling;
  while (other && !other.matches(".message")) other = other.previousElementSibling;
  return other;
}

const rootOf = (list) => list.dataset.parentId && list.closest("#panel")?.querySelector(".root > .message");

export function append(list, element) {
  list.append(element);
  decorate(element, lastBefore(element), rootOf(list));
  arrangeSoon(list);
}

const waiting = new Set();

/** Arrange at most once a frame, however many messages arrive. */
function arrangeSoon(list) {
  if (!waiting.size) requestAnimationFrame(() => (waiting.forEach(arrange), waiting.clear()));
  waiting.add(list);
}

/** Set the days and headings of the whole list. */
export function arrange(list) {
  trim(list);
  let previous = null;
  for (const element of list.querySelectorAll(":scope > .message")) {
    decorate(element, previous, rootOf(list));
    previous = element;
  }
}

/** Set the day above a message and its heading, depending on the message before it. */
function decorate(element, previous, root) {
  const at = new Date(element.dataset.createdAt);
  const earlier = previous ?? root;
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
  day.querySelector("time").textContent = dayName(at);
  return day;
}

/** Bound the memory of a tab that stays open for weeks: messages far above the newest can be loaded again. */
function trim(list) {
  const messages = list.querySelectorAll(":scope > .message");
  if (list.dataset.parentId || messages.length <= MAX_MESSAGES || list.closest(".scroller").scrollTop < -200) return;
  [...messages].slice(0, messages.length - MAX_MESSAGES / 2).forEach((element) => element.remove());
  offerOlder(list);
}

function offerOlder(list) {
  const seq = list.querySelector(":scope > .message[data-seq]").dataset.seq;
  const link = Object.assign(document.createElement("a"), { className: "button small plain", textContent: "Show older messages" });
  link.href = `?before=${seq}`;
  document.getElementById("older").replaceChildren(link);
}
