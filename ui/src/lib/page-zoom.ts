// The page is zoomed by CSS `zoom` on its root. Engines disagree whether rectangles are told in zoomed pixels or in the
// pixels of the page, so they are measured against an element's own size.

/** How much larger the page is drawn: 1 is 100 %. */
export function pageZoom(): number {
  return Number(document.documentElement.style.zoom || 1) || 1;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
  width: number;
  height: number;
}

function drawnScale(element: HTMLElement): number {
  const drawn = element.getBoundingClientRect().width;
  return element.offsetWidth > 0 && drawn > 0 ? drawn / element.offsetWidth : 1;
}

/** The rectangle of an element in pixels of the page, those that `left` and `top` take. */
export function boxOf(element: HTMLElement): Box {
  const scale = drawnScale(element);
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  return {
    left: left / scale,
    top: top / scale,
    right: right / scale,
    bottom: bottom / scale,
    width: width / scale,
    height: height / scale,
  };
}

/** The size of the window in pixels of the page. */
export function viewport(): { width: number; height: number } {
  return { width: innerWidth / pageZoom(), height: innerHeight / pageZoom() };
}
