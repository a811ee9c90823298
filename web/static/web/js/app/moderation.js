// How many cases wait for an administrator, and whether administrators have told one something.

import { notice as show } from "../ui/notices.js";

export function onUserUpdate({ kind, open, notice }) {
  if (kind === "reports") write("reports-open", open);
  if (kind === "notice" && !notice.readAt) {
    show("Administrators have told you something: see Notices.");
    write("notices-unread", Number(badge("notices-unread")?.textContent ?? 0) + 1);
  } else if (kind === "notice") {
    write("notices-unread", Number(badge("notices-unread")?.textContent ?? 0) - 1);
  }
}

const badge = (id) => document.querySelector(`#${id} [data-field=count]`);

/** A link to notices is there while some are unread; that to reports always, for administrators. */
function write(id, count) {
  const element = document.getElementById(id);
  if (!element) return;
  badge(id).textContent = Math.max(0, count);
  element.hidden = count <= 0;
  const entry = element.closest("[data-when-any]");
  if (entry) entry.hidden = count <= 0;
}
