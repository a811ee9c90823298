// The menus, and what that of a message has: its link, its text, a quote of it, pinning and saving it.

import { attempt } from "../app/attempt.js";
import { register } from "../ui/actions.js";
import { copy } from "../ui/copying.js";
import { onEscape } from "../ui/escape.js";
import { stopsIn } from "../ui/focusing.js";
import { notice } from "../ui/notices.js";
import { part } from "../ui/template.js";
import { t } from "../ui/texts.js";
import { insert } from "./composer.js";
import { textOf } from "./content.js";
import { writePinned } from "./message.js";
import { loaded } from "./writing.js";

const OPEN = "details.more[open]";
const messageOf = (element) => element.closest(".message");
const idOf = (element) => messageOf(element).dataset.messageId;

export function start() {
  register({ "copy-link": copyLink, "copy-text": copyText, quote, pin, save });
  document.addEventListener("click", (event) => closeAll(event.target.closest?.("summary")?.parentElement));
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", onLeave);
  onEscape("menu", closeOpen);
  onEscape("details", closeAdder);
}

/** Bring the message that the page is about into view, once. */
export function showFound() {
  for (const element of document.querySelectorAll(".message.found:not([data-shown])")) {
    element.dataset.shown = "";
    element.scrollIntoView({ block: "center" });
  }
}

function closeAll(except) {
  for (const details of document.querySelectorAll(OPEN)) if (details !== except && !isSheet(details)) details.open = false;
}

/** In a sheet, the entries of the menu are among the others, and it closes with them. */
const isSheet = (details) => details.closest(".sheet") !== null;

function onToggle({ target: details }) {
  if (!details.matches?.(OPEN) || isSheet(details)) return;
  place(details);
  // By keyboard one is at its first entry then.
  if (details.querySelector("summary:focus-visible")) stopsIn(details.querySelector(".menu"))[0]?.focus();
}

/** Open the menu upwards where there is no space below. */
function place(details) {
  const menu = details.querySelector(".menu");
  menu.classList.remove("up");
  const end = details.closest(".scroller, .panel-body")?.getBoundingClientRect().bottom ?? innerHeight;
  menu.classList.toggle("up", menu.getBoundingClientRect().bottom > end);
}

function onKey(event) {
  const menu = event.target.closest?.(`${OPEN} > .menu`);
  if (!menu || isSheet(menu)) return;
  const stops = stopsIn(menu);
  const at = stops.indexOf(event.target);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  stops.at(to === stops.length ? 0 : to).focus();
}

/** A menu that the focus has left is closed. */
function onLeave({ target, relatedTarget }) {
  const details = target.closest?.(OPEN);
  if (relatedTarget && details && !isSheet(details) && !details.contains(relatedTarget)) details.open = false;
}

function closeOpen() {
  const details = [...document.querySelectorAll(OPEN)].find((each) => !isSheet(each));
  if (!details) return false;
  const hadFocus = details.contains(document.activeElement);
  details.open = false;
  if (hadFocus) details.querySelector("summary").focus();
  return true;
}

function closeAdder(target) {
  const details = target.closest?.("details.adder[open]");
  if (!details) return false;
  details.open = false;
  details.querySelector("summary").focus();
  return true;
}

const copyLink = ({ href }) => copy(href, t("The link is copied. Only members of the conversation can open it."), t("Copy this link: {link}", { link: href }));

const copyText = (button) => copy(textOf(part(messageOf(button), "content"), "\n"), t("The text is copied."));

async function quote(link) {
  const form = (link.closest("#panel") ?? document.getElementById("foot"))?.querySelector("[data-composer]");
  // A panel without a composer, such as that of the pinned messages, or a page after a failed send.
  if (!form) return location.assign(link.href);
  const ack = await attempt("quote", { messageId: idOf(link) });
  if (ack) insert(form, loaded()?.narrowed(ack.content, messageOf(link)) ?? ack.content);
}

async function pin(button) {
  const element = messageOf(button);
  const ack = await attempt("pin", { messageId: idOf(button), action: button.value });
  if (ack) writePinned(element, ack.pinned);
}

async function save(button) {
  if (await attempt("save_message", { messageId: idOf(button), action: "add" })) notice(t("Saved for later."));
}
