// Renders text with links, and file sizes; web/templatetags/web.py does the same on the server.

const LINK = /https?:\/\/[^\s<>"'`]+/gi;
const MAX_LINKS = 50;

/**
 * Replace an element's content with text in which URLs are links. No HTML is parsed: only text nodes and http(s) links
 * are created.
 */
export function writeLinked(element, text) {
  element.replaceChildren();
  let end = 0;
  let found = 0;
  for (const match of text.matchAll(LINK)) {
    if (++found > MAX_LINKS) break;
    const url = withoutPunctuation(match[0]);
    if (!isLink(url)) continue;
    element.append(text.slice(end, match.index), link(url));
    end = match.index + url.length;
  }
  element.append(text.slice(end));
}

function withoutPunctuation(url) {
  const punctuation = url.includes("(") ? ".,;:!?" : ".,;:!?)";
  let end = url.length;
  while (end && punctuation.includes(url[end - 1])) end -= 1;
  return url.slice(0, end);
}

function isLink(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

function link(url) {
  const anchor = document.createElement("a");
  Object.assign(anchor, { href: url, target: "_blank", rel: "noopener noreferrer", textContent: url });
  return anchor;
}

export function formatSize(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const exponent = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${exponent ? (bytes / 1024 ** exponent).toFixed(1) : bytes} ${units[exponent]}`;
}
