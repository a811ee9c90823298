// Which emoji a person has chosen in this browser, how often and when, and the colour of skin that they want.

// What is offered to whoever has chosen none yet.
const USUAL = ["👍", "❤️", "😂", "🎉", "👀", "✅"];
const KEPT = 40;
// Milliseconds after which having chosen one counts half.
const HALF_LIFE = 7 * 24 * 3_600_000;
// Not by names.js: what is loaded later shares nothing with what is loaded at once, which is one file then.
const key = () => `emoji-of-${document.body.dataset.userId}`;

/** Return {used: {emoji: {weight, at}}, tone: 0 for none, else 1 to 5}. What cannot be read is as if it were not there. */
function read() {
  try {
    const { used = {}, tone = 0 } = JSON.parse(localStorage.getItem(key())) ?? {};
    return { used, tone: Number(tone) };
  } catch {
    return { used: {}, tone: 0 };
  }
}

function write(kept) {
  try {
    localStorage.setItem(key(), JSON.stringify(kept));
  } catch {
    // Without storage, or space, there are none next time.
  }
}

const present = ({ weight, at }) => weight * 0.5 ** ((Date.now() - at) / HALF_LIFE);

const ordered = (used) => Object.keys(used).sort((one, other) => present(used[other]) - present(used[one]));

/** Note that an emoji was chosen. */
export function note(emoji) {
  const { used, tone } = read();
  used[emoji] = { weight: 1 + (used[emoji] ? present(used[emoji]) : 0), at: Date.now() };
  const left = ordered(used).slice(0, KEPT);
  write({ used: Object.fromEntries(left.map((each) => [each, used[each]])), tone });
}

/** Return the emoji that were chosen most, and lately. */
export const recents = () => ordered(read().used);

/** Return so many emoji to offer first: what was chosen, else what people usually choose. */
export const favourites = (count) => [...new Set([...recents(), ...USUAL])].slice(0, count);

export const tone = () => read().tone;

export const setTone = (number) => write({ ...read(), tone: number });
