// Adding and removing reactions: the popover with the emoji, and the chips under a message.

import { attempt } from "../app/attempt.js";
import { register } from "../ui/actions.js";
import { writeReactions } from "./chips.js";

let reactingTo = null;

const picker = () => document.getElementById("picker");
const messageOf = (element) => element.closest(".message");

export function start() {
  register({ react: open, toggle });
  picker().addEventListener("click", onPick);
}

function open(button) {
  reactingTo = messageOf(button);
  picker().showPopover();
  const at = button.getBoundingClientRect();
  const { width, height } = picker().getBoundingClientRect();
  picker().style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  picker().style.top = `${at.bottom + height + 8 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
  picker().querySelector("button").focus();
}

function onPick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  picker().hidePopover();
  react(reactingTo, button.value, "add");
}

async function react(element, emoji, action) {
  const ack = await attempt("reaction", { messageId: element.dataset.messageId, emoji, action });
  if (ack) writeReactions(element, ack.reactions);
  return ack;
}

/** The chip changes before the acknowledgement arrives, so that a second click already means the opposite. */
async function toggle(button) {
  const pressed = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", !pressed);
  if (!(await react(messageOf(button), button.value, pressed ? "remove" : "add"))) button.setAttribute("aria-pressed", pressed);
}
