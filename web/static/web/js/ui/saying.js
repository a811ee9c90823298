// What a screen reader says of what happens on the page, of its own accord; nothing of it is seen.

const KEPT_FOR = 15_000;
const MOST = 20;

/** Have a sentence said, after what is being said. */
export function say(sentence) {
  const region = document.getElementById("said");
  const element = Object.assign(document.createElement("p"), { textContent: sentence });
  region.append(element);
  while (region.childElementCount > MOST) region.firstElementChild.remove();
  setTimeout(() => element.remove(), KEPT_FOR);
}
