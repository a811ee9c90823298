// What the page of a group says of it: its topic, and whether the viewer may write. The server decides; this shows it.

import { page } from "../app/positions.js";

const MANAGERS = ["owner", "admin"];

/** Take over a changed group that is open. */
export function onGroupChange({ topic, policy, archivedAt }) {
  document.querySelectorAll("#head [data-field=topic]").forEach((element) => (element.textContent = topic));
  page().post = policy.post;
  page().archived = archivedAt ?? "";
  showWriting();
}

/** Show the composers, or in their place why there are none. */
export function showWriting() {
  const why = whyClosed(page());
  for (const note of document.querySelectorAll("[data-closed]")) {
    note.hidden = !why;
    if (why) note.textContent = note.dataset[why];
    note.parentElement.querySelectorAll(".composer").forEach((composer) => (composer.hidden = Boolean(why)));
  }
}

function whyClosed({ archived, post, role }) {
  if (archived) return "archived";
  const may = !post || post === "everyone" || role === "owner" || (post === "managers" && MANAGERS.includes(role));
  return may ? "" : post;
}
