// The line 'New' in the open group's log, and in that of the open thread, above the first message that is unread.

import { page } from "../app/positions.js";
import { readUpTo } from "../app/unread.js";
import { me } from "../people/names.js";
import { messagesOf, nextMessage, setUnreadLine } from "./log.js";
import { groupLog, isAtEnd, isLooking } from "./scrolling.js";
import * as thread from "./thread_reading.js";

/** Draw it above the first message of others after a seq: what was marked as unread from there on. */
export function drawAfter(seq, list = groupLog()) {
  const isUnread = ({ dataset }) => dataset.seq && Number(dataset.seq) > seq && dataset.userId !== me();
  setUnreadLine(list, messagesOf(list).find(isUnread) ?? null);
}

/** A message has come: if nobody sees it arrive, the line goes above it, unless it is above an earlier one that is unread. */
export function onArrival(element) {
  const list = element.parentElement;
  const isThread = "thread" in list.dataset;
  if (!(isThread || list === groupLog()) || element.dataset.userId === me()) return;
  if (isLooking() && (isThread ? thread.isAtEnd(list) : isAtEnd())) return;
  const line = list.querySelector(":scope > .unread-line");
  const first = line && nextMessage(line);
  if (!first || Number(first.dataset.seq) <= (isThread ? thread.readUpTo(list) : readUpTo(page().groupId))) setUnreadLine(list, element);
}
