// The log by keyboard. It is one stop of the Tab key: arrows, Home and End go from message to message, Enter goes to what can be
// done to one, the arrows to the left and right go along its toolbar, and Escape leads back, first to the message, then to the
// box to write in.

import { onEscape } from "../ui/escape.js";
import { focusHeading, isShown, stopsIn } from "../ui/focusing.js";
import { spoken } from "./announcing.js";

const LOG = ".scroller[role=log]";
// By log, the message that had the focus last.
const current = new WeakMap();
let isTabbing = false;

export function start() {
  document.addEventListener("keydown", (event) => (isTabbing = event.key === "Tab"), true);
  document.addEventListener("pointerdown", () => (isTabbing = false), true);
  document.addEventListener("focusin", onFocus);
  document.addEventListener("focusout", ({ target }) => target.matches?.(".message") && target.removeAttribute("aria-label"));
  document.addEventListener("keydown", onKey);
  onEscape("log", leave);
}

const messagesOf = (log) => [...log.querySelectorAll(".message")];

function onFocus({ target, relatedTarget }) {
  const log = target.closest?.(LOG);
  if (!log || target.closest("form.edit")) return;
  const message = target.closest(".message");
  if (isTabbing && !log.contains(relatedTarget)) return goTo(currentOf(log) ?? target);
  if (message) current.set(log, message);
  // A list item has no name of its own.
  if (target === message && !target.hasAttribute("aria-label")) target.setAttribute("aria-label", spoken(message));
}

/** The message where one was, else the last one on the screen. */
function currentOf(log) {
  const known = current.get(log);
  if (known && log.contains(known)) return known;
  const { bottom } = log.getBoundingClientRect();
  return messagesOf(log).findLast((message) => message.getBoundingClientRect().top < bottom);
}

/** Focus a message, or another element of the log; it scrolls as far as it must. */
function goTo(element) {
  if (element.matches(".message")) element.setAttribute("aria-label", spoken(element));
  element.focus();
}

function onKey(event) {
  const { target, key } = event;
  const log = target.closest?.(LOG);
  if (!log || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
  const message = target.closest(".message");
  if (key === "Tab") return onTab(event, log, message);
  if (event.shiftKey) return;
  const next = message && target !== message && along(target, key);
  const to = next || toMessage(log, message, key) || (target === message && key === "Enter" && firstOf(message));
  if (!to) return;
  event.preventDefault();
  goTo(to);
}

/** The message that a key leads to; above the first one is the link to older ones, where they do not come by themselves. */
function toMessage(log, message, key) {
  const all = messagesOf(log);
  const at = all.indexOf(message);
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (!message) return ["ArrowUp", "ArrowDown"].includes(key) && currentOf(log);
  if (key === "ArrowDown") return all[at + 1];
  return key === "ArrowUp" && (all[at - 1] ?? log.querySelector(".older a"));
}

const firstOf = (message) => stopsIn(message.querySelector(":scope > .actions"))[0] ?? stopsIn(message)[0];

/** The next thing that can be done to a message: along its toolbar, or down the sheet. A menu has keys of its own. */
function along(target, key) {
  const actions = target.closest(".actions");
  if (!actions) return null;
  const isSheet = actions.matches(".sheet");
  const [back, on] = isSheet ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const stops = stopsIn(actions).filter((stop) => isSheet || !stop.closest(".menu"));
  const at = stops.indexOf(target);
  const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: -1 }[key];
  return to === undefined ? null : stops.at(to === stops.length ? 0 : to);
}

/** Tab goes through what a message has once one is in it, and else out of the log, past all other messages. */
function onTab(event, log, message) {
  const { target, shiftKey } = event;
  if (message && target !== message) {
    const stops = stopsIn(message);
    const at = stops.indexOf(target);
    if (message.querySelector(":scope > .actions.sheet")) return within(event, message, target);
    if (shiftKey ? at > 0 : at < stops.length - 1) return;
    if (shiftKey) return event.preventDefault(), goTo(message);
  }
  // From there the browser goes on by itself.
  if (shiftKey) log.focus({ preventScroll: true });
  else focusEnd(log);
}

/** What is open as a sheet is left by closing it. */
function within(event, message, target) {
  const stops = stopsIn(message.querySelector(":scope > .actions"));
  event.preventDefault();
  stops.at((stops.indexOf(target) + (event.shiftKey ? -1 : 1)) % stops.length)?.focus();
}

function focusEnd(log) {
  const end = Object.assign(document.createElement("span"), { tabIndex: -1 });
  log.querySelector(".scrolled").append(end);
  end.addEventListener("blur", () => end.remove(), { once: true });
  end.focus({ preventScroll: true });
}

/** Escape: from what a message has to the message, and from there to the box to write in. */
function leave(target) {
  const log = target.closest?.(LOG);
  if (!log) return false;
  const message = target.closest(".message");
  if (message && target !== message) return goTo(message), true;
  const place = log.closest("#panel") ?? document.getElementById("conversation");
  const box = place.querySelector("[data-composer] textarea");
  if (box && isShown(box)) return box.focus(), true;
  return focusHeading(place);
}
