// What is offered for what somebody types: people and teams for `@`, groups for `#`, emoji for `:`, commands for `/`. Each is
// {shown, hint, text: to be written}.

import { emojiData } from "../reactions/emoji_data.js";
import { favourites, note, tone } from "../reactions/recents.js";
import { kit } from "./kit.js";

const SHOWN = 8;

/** Find what begins so; throws where the server does not answer. */
export const find = (sign, asked, groupId) => FINDERS[sign](asked, groupId);

const FINDERS = { "@": people, "#": groups, ":": emoji, "/": commands };

async function people(asked, groupId) {
  const here = await get(`/api/groups/${encodeURIComponent(groupId)}/mentionable`, { search: asked, limit: SHOWN });
  const members = here.users.map(({ userId, name, handle }) => person(userId, name, handle ? `@${handle}` : ""));
  const teams = here.teams.map(({ teamId, handle, name }) => named(`@${handle}`, `<@${teamId}>`, name));
  const everybody = here.everybody.map((word) => named(`@${word}`, `<!${word}>`, word === "all" ? kit.t("Everybody here") : kit.t("Everybody who is here now")));
  const found = [...members, ...teams, ...everybody];
  if (!asked || found.length >= SHOWN) return found.slice(0, SHOWN + everybody.length);
  const known = new Set([kit.me(), ...here.users.map(({ userId }) => userId)]);
  const { users } = await get("/api/users", { search: asked, limit: SHOWN });
  const others = users.filter(({ id }) => !known.has(id)).map(({ id, name }) => person(id, name, kit.t("Not in this group")));
  return [...found, ...others].slice(0, SHOWN);
}

const person = (id, name, hint) => named(`@${name}`, `<@${id}>`, hint);

/** What is chosen stands for its source: it is not remembered before that. */
const named = (label, source, hint) => ({ shown: label, hint, get text() { return kit.remember(label, source); } });

async function groups(asked) {
  const word = asked.toLowerCase();
  const own = [...document.querySelectorAll("#sidebar .group[data-kind=group]")].map(({ dataset, children }) => [dataset.groupId, children[0].querySelector("[data-field=name]").textContent]);
  const found = new Map(own.filter(([, name]) => matches(name, word)));
  if (found.size < SHOWN && asked) {
    // Guests have no directory.
    const { groups: listed } = await get("/api/groups/directory", { q: asked }).catch(() => ({ groups: [] }));
    for (const { id, name } of listed) found.set(id, name);
  }
  return [...found].slice(0, SHOWN).map(([id, name]) => named(`#${name}`, `[#${name.replace(/[\\`*_~[\]<>#&|!]/g, "\\$&")}](/groups/${id})`, ""));
}

const matches = (name, word) => name.toLowerCase().split(/\s+/).some((each, place, words) => words.slice(place).join(" ").startsWith(word));

async function emoji(asked) {
  const word = asked.toLowerCase();
  const usual = favourites(6);
  const rank = ({ unicode, shortcodes }) => {
    if (shortcodes.includes(word)) return 0;
    if (!shortcodes.some((each) => each.startsWith(word))) return 3;
    return usual.includes(unicode) ? 1 : 2;
  };
  const all = await emojiData();
  const found = all.filter(({ shortcodes, tags }) => shortcodes.some((each) => each.includes(word)) || tags.some((each) => each.startsWith(word)));
  return found.map((each) => [rank(each), each]).sort(([one], [other]) => one - other).slice(0, SHOWN).map(([, each]) => chosen(each, word));
}

function chosen({ unicode, skins, shortcodes, label }, word) {
  const code = shortcodes.find((each) => each.startsWith(word)) ?? shortcodes.find((each) => each.includes(word)) ?? shortcodes[0];
  const drawn = skins[tone() - 1] ?? unicode;
  return { shown: `${drawn} ${code ? `:${code}:` : label}`, hint: "", get text() { note(unicode); return drawn; } };
}

let uses = null;

async function commands(asked) {
  uses ??= (await get("/commands", { part: "1" })).commands;
  return uses.filter(({ name }) => name.startsWith(asked)).map(({ name, takes, does }) => ({ shown: `/${name} ${takes}`.trim(), hint: does, text: `/${name}` }));
}

async function get(path, query) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}
