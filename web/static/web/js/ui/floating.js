// Keeps an element beside another one, within the page; loaded when the first such element is opened.

import { autoUpdate, computePosition, flip, offset, shift, size } from "@floating-ui/dom";

const GAP = 6;
const EDGE = 8;

/**
 * Keep an element beside another, whatever scrolls or changes its size; returns a function that ends it. With `most`, it is no
 * higher than that, nor than the space that there is.
 */
export function placeBeside(reference, element, placement = "bottom-end", most = 0) {
  const limited = size({ padding: EDGE, apply: ({ availableHeight }) => (element.style.maxHeight = `${Math.max(80, Math.min(most, availableHeight))}px`) });
  const middleware = [offset(GAP), flip({ padding: EDGE }), shift({ padding: EDGE, crossAxis: !most }), ...(most ? [limited] : [])];
  const move = async () => {
    const { x, y } = await computePosition(reference, element, { strategy: "fixed", placement, middleware });
    Object.assign(element.style, { left: `${x}px`, top: `${y}px` });
  };
  return autoUpdate(reference, element, move);
}
