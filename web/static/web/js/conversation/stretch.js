// The stretch of a conversation that the page has: it grows at either end as the reader scrolls, and is cut at the other, so
// that neither the work of the browser nor its memory grows with what was read.

import { page } from "../app/positions.js";
import { t } from "../ui/texts.js";
import { arrange, decorate, messagesOf } from "./log.js";
import { firstShown, groupLog, keepPlace } from "./scrolling.js";

// Beyond so many messages, those farthest from what is on the screen are taken off, down to so many: a few at a time, for the
// browser lays out anew what stays.
const MOST = 400;
const KEPT = 380;

/** Take over messages of a fetched page that go before or after those that are shown; returns their elements. */
export function join(fetched, edge) {
  const list = groupLog();
  const shown = messagesOf(list).filter((element) => element.dataset.seq);
  const [first, last] = [Number(shown[0]?.dataset.seq ?? 0), Number(shown.at(-1)?.dataset.seq ?? 0)];
  const isOlder = edge.id === "older";
  const fits = ({ dataset: { seq } }) => (isOlder ? !first || Number(seq) < first : Number(seq) > last);
  const added = messagesOf(fetched.querySelector("#scroller .log")).filter(fits);
  keepPlace(() => {
    const before = isOlder ? list.firstElementChild : (shown.at(-1)?.nextElementSibling ?? null);
    added.forEach((element) => list.insertBefore(document.adoptNode(element), before));
    edge.replaceChildren(...fetched.getElementById(edge.id).childNodes);
    arrange(list);
  });
  if (!isOlder && "live" in fetched.getElementById("conversation").dataset) Object.assign(page(), { live: "", place: "" });
  return added;
}

/** Cut the stretch where it has become too long. */
export function bound() {
  const list = groupLog();
  if (!list || list.childElementCount <= MOST) return;
  const messages = messagesOf(list);
  if (messages.length <= MOST) return;
  const middle = messages.indexOf(firstShown());
  const start = Math.max(0, Math.min(middle - KEPT / 2, messages.length - KEPT));
  keepPlace(() => cut(list, messages[start], messages[start + KEPT - 1]));
  if (start > 0) offer("older", "before", messages[start].dataset.seq);
  if (start + KEPT < messages.length) leaveEnd(messages[start + KEPT - 1].dataset.seq);
}

function cut(list, first, last) {
  const line = first.previousElementSibling;
  const start = line?.matches(".unread-line") ? line : first;
  while (list.firstElementChild !== start) list.firstElementChild.remove();
  while (list.lastElementChild !== last) list.lastElementChild.remove();
  decorate(first);
}

/** From here on the log does not go on to the newest message: what arrives is counted, and loaded when the reader comes to it. */
function leaveEnd(seq) {
  delete page().live;
  page().place = "moved";
  offer("newer", "after", seq);
}

function offer(id, name, seq) {
  const link = Object.assign(document.createElement("a"), { className: "button small plain", textContent: id === "older" ? t("Show older messages") : t("Show newer messages") });
  link.href = `/groups/${encodeURIComponent(page().groupId)}?${name}=${seq}`;
  document.getElementById(id).replaceChildren(link);
}
