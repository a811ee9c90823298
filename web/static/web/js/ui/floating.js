// Keeps an element beside another one, within the page; loaded when the first such element is opened.

import { autoUpdate, computePosition, flip, offset, shift } from "@floating-ui/dom";

const GAP = 6;
const EDGE = 8;

/** Keep an element beside another, whatever scrolls or changes its size; returns a function that ends it. */
export function placeBeside(reference, element, placement = "bottom-end") {
  const middleware = [offset(GAP), flip({ padding: EDGE }), shift({ padding: EDGE, crossAxis: true })];
  const move = async () => {
    const { x, y } = await computePosition(reference, element, { strategy: "fixed", placement, middleware });
    Object.assign(element.style, { left: `${x}px`, top: `${y}px` });
  };
  return autoUpdate(reference, element, move);
}
