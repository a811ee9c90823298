// Renders file sizes and the counts of badges; web/templatetags/web.py does the same on the server.

import { locales, t } from "./texts.js";

const oneDecimal = new Intl.NumberFormat(locales, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const MOST = 999;

/** Show a count in a badge, where there is no room for a long one; all of it is in `data-count`. */
export function writeCount(element, count) {
  element.dataset.count = count;
  element.textContent = count > MOST ? `${MOST}+` : count;
}

export function formatSize(bytes) {
  const units = [t("bytes"), "KB", "MB", "GB"];
  const exponent = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${exponent ? oneDecimal.format(bytes / 1024 ** exponent) : bytes} ${units[exponent]}`;
}
