// Avatars: a colour and two letters, computed from the name as templatetags/web.py does.

const TONES = 8;
// In pixels, of a picture in a list: half as large on the page, for dense screens.
const SIDE = 48;

export function writeAvatar(avatar, name) {
  avatar.className = `avatar tone-${tone(name)}`;
  avatar.textContent = initials(name);
}

/** A group's picture, or its sign, as `group_picture` of templatetags/web.py writes it. */
export function writePicture(element, url) {
  const shown = element.querySelector("img")?.getAttribute("src") ?? null;
  const wanted = url ? `${url}&size=${SIDE}` : null;
  if (shown === wanted) return;
  const image = Object.assign(new Image(SIDE, SIDE), { alt: "" });
  if (url) image.src = wanted;
  element.replaceChildren(url ? image : "#");
}

const tone = (name) => [...name].reduce((sum, character) => sum + character.codePointAt(0), 0) % TONES;

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [first(words[0]), first(words.at(-1))] : words.map((word) => [...word].slice(0, 2).join(""));
  return letters.join("").toUpperCase();
}

const first = (word) => [...word][0];
