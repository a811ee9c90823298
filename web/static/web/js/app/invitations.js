// How many groups ask the user to join: read anew when one does, or no longer, and when the user joins one.

import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { count, write } from "./badges.js";

const BADGE = "invitations-open";
let reading = null;
let isStale = false;

export function onUserUpdate({ kind, asked }) {
  if (kind !== "invitation") return;
  if (asked) notice(t("You are asked to join a group: see Invitations."));
  read();
}

/** Whoever is in a new group is not asked to join it any more. */
export function onJoined() {
  if (count(BADGE)) read();
}

/** One request at a time: what was told meanwhile is read by the next. */
export function read() {
  isStale = true;
  reading ??= readAll().finally(() => (reading = null));
}

async function readAll() {
  while (isStale) {
    isStale = false;
    const response = await fetch("/api/users/me/invitations").catch(() => null);
    if (response?.ok) write(BADGE, (await response.json()).count);
  }
}
