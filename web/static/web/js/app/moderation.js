// How many cases wait for an administrator, and whether administrators have told one something.

import { notice as show } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { count, write } from "./badges.js";

export function onUserUpdate({ kind, open, notice }) {
  if (kind === "reports") write("reports-open", open);
  if (kind === "notice" && !notice.readAt) {
    show(t("Administrators have told you something: see Notices."));
    write("notices-unread", count("notices-unread") + 1);
  } else if (kind === "notice") {
    write("notices-unread", count("notices-unread") - 1);
  }
}
