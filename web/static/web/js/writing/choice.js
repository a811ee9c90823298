// A question above a box to write in: what is to become of what was typed. The text stays where it is until it is answered.

import { kit } from "./kit.js";

/** Ask in a form; `answers` are [words, what it does]. One question at a time: the next takes the place of this. */
export function ask(form, sentence, ...answers) {
  dismiss(form);
  const element = kit.template("choice");
  kit.part(element, "sentence").textContent = sentence;
  for (const [words, act] of answers) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small plain", textContent: words });
    button.addEventListener("click", () => (dismiss(form), form.elements.content.focus(), act()));
    element.append(button);
  }
  form.prepend(element);
}

/** Take the question away; returns whether there was one. */
export function dismiss(form) {
  const element = form.querySelector(":scope > .choice");
  element?.remove();
  return Boolean(element);
}
