// Editing and deleting a message.

import { attempt } from "../app/attempt.js";
import { me } from "../people/names.js";
import { register } from "../ui/actions.js";
import { part, template } from "../ui/template.js";
import { update } from "./log.js";

const messageOf = (element) => element.closest(".message");

export function start() {
  register({
    edit: (button) => openForm(messageOf(button)),
    cancel: (button) => closeForm(messageOf(button)),
    delete: remove,
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
}

/** The form has what was typed: a message of one's own brings it along. */
function openForm(element) {
  if (!element || element.querySelector("form.edit")) return;
  const form = template("edit");
  const content = part(element, "content");
  form.elements.content.value = element.dataset.content ?? "";
  form.elements.ifVersion.value = element.dataset.version;
  content.hidden = true;
  content.after(form);
  form.elements.content.focus();
}

function closeForm(element) {
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
  const ack = await attempt("edit_message", {
    messageId,
    content: form.elements.content.value,
    ifVersion: Number(form.elements.ifVersion.value),
  });
  if (ack) update(ack.message);
}

async function remove(button) {
  const element = messageOf(button);
  if (!confirm("Delete this message? It is gone for everybody, with its files.")) return;
  await attempt("delete_message", { messageId: element.dataset.messageId });
}

/** Escape closes the form; the up arrow in an empty composer edits the user's last message. */
function onKey(event) {
  if (event.key === "Escape" && event.target.closest("form.edit")) return closeForm(messageOf(event.target));
  if (event.key !== "ArrowUp" || !event.target.matches("[data-composer] textarea") || event.target.value) return;
  const list = event.target.closest(".conversation, .panel").querySelector(".log");
  const own = [...list.querySelectorAll(`:scope > .own[data-user-id="${CSS.escape(me())}"]:not([data-state], .deleted)`)].at(-1);
  if (own) openForm(own), event.preventDefault();
}
