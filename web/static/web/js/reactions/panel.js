// The picker of emoji: search, groups, skin and a grid. Beside the button on a large screen, else a sheet at the foot of the page.

import { emojiData, emojiGroups } from "./emoji_data.js";
import { rest, section, target } from "./grid.js";
import { recents, setTone, tone } from "./recents.js";
import { find } from "./search.js";
import { loadStyle } from "./style.js";

const COLUMNS = 9;
const CELL = 44;
// Sections that fill the grid as it is opened.
const AT_FIRST = 2;
const RECENT = "recent";
const MOST_RECENT = 18;
const SIGNS = { [RECENT]: "🕘", 0: "😀", 1: "👋", 3: "🐻", 4: "🍔", 5: "✈️", 6: "⚽", 7: "💡", 8: "🔣", 9: "🏁" };
const HANDS = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];
const skins = () => [t("Without a skin colour"), t("Light skin"), t("Medium-light skin"), t("Medium skin"), t("Medium-dark skin"), t("Dark skin")];
const isSheet = matchMedia("(max-width: 640px), (pointer: coarse)");

const picker = () => document.getElementById("picker");
const within = (selector) => picker().querySelector(selector);
// {all, groups} of the page's language.
let data = null;
let onChosen = () => {};
let opener = null;
let stopPlacing = () => {};
let later = null;
// `t` of ui/texts.js: what is loaded later shares nothing with what is loaded at once.
let t = null;

/** Open the picker beside a button; `chosen` is called with the emoji. Throws where the emoji cannot be had. */
export async function open(button, chosen, inLanguage) {
  t = inLanguage;
  const [all, groups] = await Promise.all([emojiData(), emojiGroups(), loadStyle()]);
  data = { all, groups };
  if (!picker().firstElementChild) build();
  [opener, onChosen] = [button, chosen];
  picker().classList.toggle("sheet", isSheet.matches);
  within("[type=search]").value = "";
  picker().showPopover();
  draw();
  within(".emoji-grid").scrollTop = 0;
  if (isSheet.matches) within(".emoji-grid [tabindex='0']").focus();
  else within("[type=search]").focus(), await place(button);
}

async function place(button) {
  const { placeBeside } = await import("../ui/floating.js");
  stopPlacing();
  if (picker().matches(":popover-open")) stopPlacing = placeBeside(button, picker());
}

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

function build() {
  const search = make("input", { type: "search", placeholder: t("Search emoji"), autocomplete: "off", spellcheck: false, enterKeyHint: "done" });
  search.setAttribute("aria-label", t("Search emoji"));
  const skin = make("select", { title: t("Skin colour"), className: "emoji-skin" }, ...HANDS.map((hand, number) => make("option", { value: number, textContent: hand })));
  [...skin.options].forEach((option, number) => option.setAttribute("aria-label", skins()[number]));
  skin.setAttribute("aria-label", t("Skin colour"));
  skin.value = tone();
  const grid = make("div", { className: "emoji-grid" });
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-label", t("Emoji"));
  const found = make("p", { className: "emoji-found" });
  found.setAttribute("role", "status");
  picker().append(make("div", { className: "emoji-head" }, search, skin), tabs(), found, grid);
  listen(search, skin, grid);
}

/** One button for each group, which brings it into view. */
function tabs() {
  const bar = make("div", { className: "emoji-groups" });
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", t("Groups"));
  for (const { id, label } of [{ id: RECENT, label: t("Used lately") }, ...data.groups]) {
    const tab = make("button", { type: "button", className: "emoji-button", value: id, textContent: SIGNS[id], title: label });
    tab.setAttribute("aria-label", label);
    bar.append(tab);
  }
  bar.addEventListener("click", onTab);
  return bar;
}

function listen(search, skin, grid) {
  search.addEventListener("input", draw);
  search.addEventListener("keydown", onSearchKey);
  skin.addEventListener("change", () => (setTone(Number(skin.value)), draw()));
  grid.addEventListener("click", ({ target: cell }) => cell.matches(".emoji-button") && choose(cell.value));
  grid.addEventListener("keydown", onGridKey);
  grid.addEventListener("focusin", ({ target: cell }) => cell.matches(".emoji-button") && rest(grid, cell));
  picker().addEventListener("beforetoggle", onToggle);
  isSheet.addEventListener("change", () => picker().matches(":popover-open") && picker().hidePopover());
}

const drawn = ({ unicode, skins }) => skins[tone() - 1] ?? unicode;

function draw() {
  const asked = within("[type=search]").value;
  const grid = within(".emoji-grid");
  // Nine beside a button, as many as fit into a sheet.
  const columns = isSheet.matches ? Math.max(6, Math.floor(grid.clientWidth / CELL)) : COLUMNS;
  picker().style.setProperty("--columns", columns);
  const sections = asked.trim() ? [{ id: "found", label: t("Found"), emoji: find(data.all, asked) }] : allSections();
  const shown = sections.filter(({ emoji }) => emoji.length);
  const made = (each) => section(each, columns, each.id === RECENT ? ({ unicode }) => unicode : drawn);
  grid.replaceChildren(...shown.slice(0, AT_FIRST).map(made));
  grid.scrollTop = 0;
  // The rest once these are on the screen.
  clearTimeout(later);
  later = setTimeout(() => grid.append(...shown.slice(AT_FIRST).map(made)));
  rest(grid);
  tell(asked, sections[0].emoji.length);
}

function tell(asked, count) {
  within(".emoji-found").textContent = !asked.trim() ? "" : count ? t("Found: {count}", { count }) : t("No emoji has such a name.");
}

function allSections() {
  const used = recents().slice(0, MOST_RECENT).map(named);
  const groups = new Map(data.groups.map(({ id }) => [id, []]));
  data.all.forEach((emoji) => groups.get(emoji.group)?.push(emoji));
  return [{ id: RECENT, label: t("Used lately"), emoji: used }, ...data.groups.map(({ id, label }) => ({ id, label, emoji: groups.get(id) }))];
}

/** What was chosen, in the colour of then, with its name. */
const named = (unicode) => ({ unicode, label: data.all.find((each) => each.unicode === unicode || each.skins.includes(unicode))?.label ?? unicode });

function choose(emoji) {
  picker().hidePopover();
  onChosen(emoji);
}

function onTab({ target: tab }) {
  if (!tab.value) return;
  if (within("[type=search]").value) (within("[type=search]").value = ""), draw();
  const shown = within(`[data-section="${tab.value}"]`);
  if (!shown) return;
  const first = shown.querySelector(".emoji-button");
  rest(within(".emoji-grid"), first);
  within(".emoji-grid").scrollTop = shown.offsetTop;
}

function onSearchKey(event) {
  const first = within(".emoji-grid .emoji-button");
  if (event.isComposing || !first) return;
  if (event.key === "ArrowDown") event.preventDefault(), first.focus();
  if (event.key === "Enter") event.preventDefault(), event.target.value.trim() && choose(first.value);
}

function onGridKey(event) {
  const grid = within(".emoji-grid");
  const next = target(grid, event.target, event);
  if (next) {
    event.preventDefault();
    // Up from the first row, one is in the search again.
    return next === event.target && event.key === "ArrowUp" ? within("[type=search]").focus() : next.focus();
  }
  // Whoever types, searches.
  if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) within("[type=search]").focus();
}

/** Give the focus back to the button: to its message where the button is gone. */
function onToggle({ newState }) {
  if (newState === "open") return;
  stopPlacing();
  stopPlacing = () => {};
  const had = picker().contains(document.activeElement) || document.activeElement === document.body;
  if (had && opener) setTimeout(giveBack);
}

function giveBack() {
  if (document.activeElement !== document.body && !picker().contains(document.activeElement)) return;
  const message = opener.closest(".message");
  if (opener.isConnected) opener.focus({ preventScroll: true });
  if (document.activeElement !== opener) message?.focus({ preventScroll: true });
}
