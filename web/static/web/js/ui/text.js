// Renders text with links, and file sizes; web/templatetags/web.py does the same on the server.

const LINK = /https?:\/\/[^\s<>"'`]+/gi;

/** Replace an element's content by text whose web addresses are links. Only text nodes and checked links are made. */
export function writeLinked(element, text) {
  element.replaceChildren();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const url = withoutPunctuation(match[0]);
    if (!isLink(url)) continue;
    element.append(text.slice(end, match.index), link(url));
    end = match.index + url.length;
  }
  element.append(text.slice(end));
}

function withoutPunctuation(url) {
  while (url && (".,;:!?".includes(url.at(-1)) || (url.endsWith(")") && !url.includes("(")))) url = url.slice(0, -1);
  return url;
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
  const step = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${step ? (bytes / 1024 ** step).toFixed(1) : bytes} ${units[step]}`;
}
