// Avatars: a colour and two letters, computed from the name as templatetags/web.py does.

const TONES = 8;

export function writeAvatar(avatar, name) {
  avatar.className = `avatar tone-${tone(name)}`;
  avatar.textContent = initials(name);
}

const tone = (name) => [...name].reduce((sum, character) => sum + character.codePointAt(0), 0) % TONES;

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [first(words[0]), first(words.at(-1))] : words.map((word) => [...word].slice(0, 2).join(""));
  return letters.join("").toUpperCase();
}

const first = (word) => [...word][0];
