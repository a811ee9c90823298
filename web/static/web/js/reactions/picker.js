// Adding and removing reactions, and putting emoji into a text: the picker, which is loaded when it is opened first, what is
// offered beside it, and the chips under a message.

import { attempt } from "../app/attempt.js";
import { register } from "../ui/actions.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { type } from "../ui/typing.js";
import { writeReactions } from "./chips.js";

const messageOf = (element) => element.closest(".message");

export function start() {
  register({
    react: (button) => choose(button, (emoji) => add(messageOf(button), emoji)),
    "react-with": (button) => add(messageOf(button), button.value),
    "insert-emoji": (button) => choose(button, (emoji) => insert(button.form.elements.content, emoji)),
    toggle,
  });
  // Neither is needed before the page is there: it may come after it.
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, offer, { once: true });
  document.addEventListener("pointerdown", watchFingers);
}

async function offer({ target }) {
  const quick = await import("./quick.js").catch(() => null);
  quick?.start(target, t);
}

/** A finger that stays on a chip is told who has reacted. */
async function watchFingers(event) {
  if (event.pointerType !== "touch") return;
  document.removeEventListener("pointerdown", watchFingers);
  const reactors = await import("./reactors.js").catch(() => null);
  reactors?.start(event);
}

const note = (emoji) => import("./recents.js").then((recents) => recents.note(emoji), () => {});

/** Let the user choose an emoji beside a button. */
async function choose(button, onChosen) {
  try {
    const { open } = await import("./panel.js");
    await open(button, onChosen, t);
  } catch {
    notice(t("The emoji cannot be loaded just now. Try again in a moment."));
  }
}

function add(element, emoji) {
  note(emoji);
  return react(element, emoji, "add");
}

/** Put an emoji where the caret is, in the place of what is selected, as if it had been typed. */
function insert(field, emoji) {
  note(emoji);
  type(field, emoji, field.selectionStart, field.selectionEnd);
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
