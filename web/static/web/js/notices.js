// Short sentences at the foot of the page, said once and gone.

const SHOWN_FOR = 6_000;

export function notice(sentence) {
  const element = Object.assign(document.createElement("p"), { className: "notice", textContent: sentence });
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), SHOWN_FOR);
}
