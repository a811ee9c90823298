// How the user wants the chat to be: said by the page, and by another device of theirs that has changed it.

export function onUserUpdate({ kind, theme, enterKey }) {
  if (kind !== "preferences") return;
  document.body.dataset.enterKey = enterKey;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
}
