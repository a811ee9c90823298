// Finds emoji by what somebody types: by their names, tags and short codes.

/** Return a text as it is compared: in lower case, and without accents. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const wordsOf = (text) => folded(text).split(/[\s_:,.-]+/).filter(Boolean);

// By emoji of the data, {label, words}.
const known = new WeakMap();

function indexOf(emoji) {
  if (!known.has(emoji)) {
    const { label, tags, shortcodes } = emoji;
    known.set(emoji, { label: wordsOf(label), words: [...new Set([label, ...tags, ...shortcodes].flatMap(wordsOf))] });
  }
  return known.get(emoji);
}

const begins = (words, asked) => words.some((word) => word.startsWith(asked));

/** Return those that have all words that are asked for, or begin so; first those whose name does, then in their own order. */
export function find(all, text) {
  const same = all.filter(({ unicode, skins }) => [unicode, ...skins].includes(text.trim()));
  const asked = wordsOf(text);
  if (same.length || !asked.length) return same;
  const found = all.filter((emoji) => asked.every((word) => begins(indexOf(emoji).words, word)));
  const rank = (emoji) => {
    const { label } = indexOf(emoji);
    if (label.join(" ") === asked.join(" ")) return 0;
    return label[0].startsWith(asked[0]) ? 1 : asked.every((word) => begins(label, word)) ? 2 : 3;
  };
  return found.sort((one, other) => rank(one) - rank(other));
}
