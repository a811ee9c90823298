// The lists of messages on the page: what comes is put in its place by seq, days and headings are drawn around it.

import { build, fill, shown, template } from "./message.js";
import { dayName, sameDay, writeTime } from "./text.js";

const TOGETHER = 5 * 60_000;
const KEPT = 300;

/** The list that a message belongs to, if the page shows it: the group's log, or the open thread. */
export function listFor(groupId, parentId) {
  const conversation = document.getElementById("conversation");
  if (conversation.dataset.groupId !== groupId) return null;
  if (!parentId && !("live" in conversation.dataset)) return null;
  return document.querySelector(`.log[data-parent-id="${CSS.escape(parentId ?? "")}"]`);
}

/** Show a message, new or known, in its place; a pending one of the same clientId becomes it. */
export function put(message) {
  const known = [...shown(message.id)];
  known.forEach((element) => fill(element, message));
  const list = listFor(message.groupId, message.parentId);
  if (!list || known.some((element) => element.parentElement === list)) return null;
  const element = pending(list, message.clientId) ?? build(message);
  fill(element, message);
  place(list, element);
  return element;
}

/** Only what the page shows already: for changes to messages that may be far up. */
export const update = (message) => shown(message.id).forEach((element) => fill(element, message));

export const pending = (list, clientId) => clientId && list.querySelector(`[data-client-id="${CSS.escape(clientId)}"].own`);

function place(list, element) {
  const seq = Number(element.dataset.seq);
  let before = null;
  for (const other of [...list.querySelectorAll(":scope > .message")].reverse()) {
    if (other === element) continue;
    // What is still being sent has no seq and stays last.
    if (other.dataset.seq && Number(other.dataset.seq) < seq) break;
    before = other;
  }
  list.insertBefore(element, before);
  // At once, for one who has scrolled up: the browser keeps their place when a message comes, not when it shrinks.
  dress(element, lastBefore(element), rootOf(list));
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
  dress(element, lastBefore(element), rootOf(list));
  arrangeSoon(list);
}

const waiting = new Set();

/** Arrange once a frame, however many messages a reconnection brings. */
export function arrangeSoon(list) {
  if (!waiting.size) requestAnimationFrame(() => (waiting.forEach(arrange), waiting.clear()));
  waiting.add(list);
}

/** Draw the reader's days and the headings anew. */
export function arrange(list) {
  trim(list);
  let previous = null;
  for (const element of list.querySelectorAll(":scope > .message")) {
    dress(element, previous, rootOf(list));
    previous = element;
  }
}

/** Give one message the day above it and the heading, or neither, by what stands before it. */
function dress(element, previous, root) {
  const at = new Date(element.dataset.createdAt);
  const earlier = previous ?? root;
  const newDay = !earlier || !sameDay(at, new Date(earlier.dataset.createdAt));
  separate(element, newDay ? at : null);
  element.classList.toggle("continued", Boolean(previous) && !newDay && follows(previous, element));
}

/** Give a message its day, or take it away; one that is right stays, for what is new gets read out. */
function separate(element, at) {
  const line = element.previousElementSibling;
  const first = line?.matches(".unread-line") ? line : element;
  const day = first.previousElementSibling?.matches(".day") ? first.previousElementSibling : null;
  if (!at) day?.remove();
  else if (!day) first.before(daySeparator(at));
  else if (!sameDay(at, new Date(day.querySelector("time").dateTime))) day.replaceWith(daySeparator(at));
}

function follows(previous, element) {
  const apart = new Date(element.dataset.createdAt) - new Date(previous.dataset.createdAt);
  return previous.dataset.userId === element.dataset.userId && apart < TOGETHER && element.previousElementSibling === previous;
}

function daySeparator(at) {
  const day = template("day");
  day.querySelector("time").dateTime = at.toISOString();
  day.querySelector("time").textContent = dayName(at);
  return day;
}

/** A tab that stays open for weeks must not grow for ever: what is far above the newest can be loaded again. */
function trim(list) {
  const messages = list.querySelectorAll(":scope > .message");
  if (list.dataset.parentId || messages.length <= KEPT || list.closest(".scroller").scrollTop < -200) return;
  [...messages].slice(0, messages.length - KEPT / 2).forEach((element) => element.remove());
  offerOlder(list);
}

function offerOlder(list) {
  const seq = list.querySelector(":scope > .message[data-seq]").dataset.seq;
  const link = Object.assign(document.createElement("a"), { className: "button small plain", textContent: "Show older messages" });
  link.href = `?before=${seq}`;
  document.getElementById("older").replaceChildren(link);
}

/** Load the page before the first message when the reader asks for it or scrolls up to it. Once for each conversation. */
export function watchOlder(fetchPage) {
  const older = document.getElementById("older");
  if (!older || "watched" in older.dataset) return;
  older.dataset.watched = "";
  const load = async () => {
    const link = older.querySelector("a[href*=before]");
    if (!link || "loading" in older.dataset) return;
    older.dataset.loading = "";
    try {
      const page = await fetchPage(link.href);
      // A link that is gone belonged to a list that is gone, or that begins elsewhere by now.
      if (link.isConnected) prepend(page);
    } finally {
      delete older.dataset.loading;
    }
  };
  older.addEventListener("click", (event) => event.target.closest("a") && (event.preventDefault(), load()));
  new IntersectionObserver(([entry]) => entry.isIntersecting && load(), { root: older.closest(".scroller"), rootMargin: "300px 0px 0px" }).observe(older);
}

function prepend(page) {
  const list = document.querySelector("#scroller .log");
  const first = list.querySelector(":scope > .message");
  for (const element of page.querySelectorAll("#scroller .log > .message")) {
    if (list.querySelector(`[data-message-id="${CSS.escape(element.dataset.messageId)}"]`)) continue;
    list.insertBefore(document.adoptNode(element), first);
    element.querySelectorAll("time").forEach(writeTime);
  }
  document.getElementById("older").replaceChildren(...page.getElementById("older").childNodes);
  arrange(list);
}
