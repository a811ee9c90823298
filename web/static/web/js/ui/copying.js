// Copies a text to the clipboard, and says so.

import { notice } from "./notices.js";
import { t } from "./texts.js";

/** `done` is said when it is copied, `otherwise` where the browser does not let the page copy. */
export async function copy(text, done, otherwise = t("This browser does not let the page copy.")) {
  try {
    await navigator.clipboard.writeText(text);
    notice(done);
  } catch {
    notice(otherwise);
  }
}
