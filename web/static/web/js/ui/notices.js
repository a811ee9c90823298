// Short notices at the foot of the page, each removed after a few seconds.

const SHOWN_FOR = 6_000;

export function notice(sentence) {
  const element = Object.assign(document.createElement("p"), { className: "notice", textContent: sentence });
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), SHOWN_FOR);
}
