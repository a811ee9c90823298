// What the menu of a message has: its link, a quote of it, pinning and saving it.

import { attempt } from "../app/attempt.js";
import { register } from "../ui/actions.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { insert } from "./composer.js";
import { writePinned } from "./message.js";
import { loaded } from "./writing.js";

const messageOf = (element) => element.closest(".message");
const idOf = (element) => messageOf(element).dataset.messageId;

export function start() {
  register({ "copy-link": copyLink, quote, pin, save });
  document.addEventListener("click", (event) => closeAll(event.target.closest?.("summary")?.parentElement));
  document.addEventListener("toggle", place, true);
}

/** Bring the message that the page is about into view, once. */
export function showFound() {
  for (const element of document.querySelectorAll(".message.found:not([data-shown])")) {
    element.dataset.shown = "";
    element.scrollIntoView({ block: "center" });
  }
}

function closeAll(except) {
  document.querySelectorAll("details.more[open]").forEach((details) => details !== except && details.removeAttribute("open"));
}

/** Open the menu upwards where there is no space below. */
function place({ target: details }) {
  if (!details.matches?.("details.more[open]")) return;
  const menu = details.querySelector(".menu");
  menu.classList.remove("up");
  const end = details.closest(".scroller")?.getBoundingClientRect().bottom ?? innerHeight;
  menu.classList.toggle("up", menu.getBoundingClientRect().bottom > end);
}

async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link.href);
    notice(t("The link is copied. Only members of the conversation can open it."));
  } catch {
    notice(t("Copy this link: {link}", { link: link.href }));
  }
}

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
