// What one does to a message: react, edit, delete; and the buttons of one that failed to go.

import { ask } from "./connection.js";
import { update } from "./log.js";
import { part, template, writeReactions } from "./message.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import { me } from "./people.js";
import * as uploads from "./uploads.js";

let reactingTo = null;

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  document.getElementById("picker").addEventListener("click", onPick);
}

const messageOf = (element) => element.closest(".message");

const ACTIONS = {
  retry: (button) => outbox.onAction("retry", messageOf(button)),
  discard: (button) => outbox.onAction("discard", messageOf(button)),
  "remove-upload": (button) => uploads.remove(button.closest(".upload")),
  react: openPicker,
  toggle,
  edit: (button) => openEdit(messageOf(button)),
  cancel: (button) => closeEdit(messageOf(button)),
  delete: remove,
};

function onClick(event) {
  const button = event.target.closest("[data-action]");
  if (!button || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  ACTIONS[button.dataset.action](button);
}

/** Ask, and say what went wrong: a refusal here changes nothing on the page. */
async function attempt(event, data) {
  try {
    return await ask(event, data);
  } catch (error) {
    notice(error.message);
    return null;
  }
}

function openPicker(button) {
  const picker = document.getElementById("picker");
  reactingTo = messageOf(button);
  picker.showPopover();
  const at = button.getBoundingClientRect();
  const { width, height } = picker.getBoundingClientRect();
  picker.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  picker.style.top = `${at.bottom + height + 8 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
  picker.querySelector("button").focus();
}

function onPick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  document.getElementById("picker").hidePopover();
  react(reactingTo, button.value, "add");
}

async function react(element, emoji, action) {
  const answer = await attempt("reaction", { messageId: element.dataset.messageId, emoji, action });
  if (answer) writeReactions(element, answer.reactions);
  return answer;
}

/** Pressed at once, so that a second click means the opposite of the first even before the answer. */
async function toggle(button) {
  const pressed = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", !pressed);
  if (!(await react(messageOf(button), button.value, pressed ? "remove" : "add"))) button.setAttribute("aria-pressed", pressed);
}

/** The text as it was typed: links on the page show their own address, so nothing of it is lost. */
function openEdit(element) {
  if (!element || element.querySelector("form.edit")) return;
  const form = template("edit");
  const content = part(element, "content");
  form.elements.content.value = content.textContent;
  form.elements.ifVersion.value = element.dataset.version;
  content.hidden = true;
  content.after(form);
  form.elements.content.focus();
}

function closeEdit(element) {
  element.querySelector("form.edit").remove();
  const content = part(element, "content");
  if (content) content.hidden = false;
  else location.reload();
}

async function onSubmit(event) {
  const form = event.target.closest("[data-edit]");
  if (!form) return;
  event.preventDefault();
  const { messageId } = messageOf(form).dataset;
  const answer = await attempt("edit_message", {
    messageId,
    content: form.elements.content.value,
    ifVersion: Number(form.elements.ifVersion.value),
  });
  if (answer) update(answer.message);
}

async function remove(button) {
  const element = messageOf(button);
  if (!confirm("Delete this message? It is gone for everybody, with its files.")) return;
  await attempt("delete_message", { messageId: element.dataset.messageId });
}

/** Escape leaves the box; the arrow up in an empty composer takes up one's own last message. */
function onKey(event) {
  if (event.key === "Escape" && event.target.closest("form.edit")) return closeEdit(messageOf(event.target));
  if (event.key !== "ArrowUp" || !event.target.matches("[data-composer] textarea") || event.target.value) return;
  const list = event.target.closest(".conversation, .panel").querySelector(".log");
  const own = [...list.querySelectorAll(`:scope > .own[data-user-id="${CSS.escape(me())}"]:not([data-state], .deleted)`)].at(-1);
  if (own) openEdit(own), event.preventDefault();
}
