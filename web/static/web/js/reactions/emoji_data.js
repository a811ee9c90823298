// The emoji that can be chosen, with their names in a language: asked for once, when somebody first chooses one.

const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
const FALLBACK = "en";
// By language, a promise of {groups, emoji}.
const loaded = new Map();

/**
 * Resolves to all emoji, in Unicode's order: {unicode, label, tags: [], shortcodes: [], group, skins: of five colours from light to
 * dark, or []}. Throws where the file cannot be had; the next call asks again. A language without names has the English ones.
 */
export const emojiData = async (language = pageLanguage()) => (await load(language)).emoji;

/** Resolves to the groups of emoji: {id, label}. */
export const emojiGroups = async (language = pageLanguage()) => (await load(language)).groups;

const pageLanguage = () => document.documentElement.lang || FALLBACK;

function load(language) {
  const files = JSON.parse(document.getElementById("emoji-files").textContent);
  const known = [language, language.split("-")[0], FALLBACK].find((each) => each in files);
  if (!loaded.has(known)) {
    loaded.set(known, read(files[known]));
    loaded.get(known).catch(() => loaded.delete(known));
  }
  return loaded.get(known);
}

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  const { groups, emoji } = await response.json();
  return { groups: groups.map(([id, label]) => ({ id, label })), emoji: emoji.map(entry) };
}

const words = (text) => text.split(" ").filter(Boolean);

function entry([unicode, label, tags, shortcodes, group, light = ""]) {
  const skins = light && TONES.map((tone) => light.replaceAll(TONES[0], tone));
  return { unicode, label, tags: words(tags), shortcodes: words(shortcodes), group, skins: skins || [] };
}
