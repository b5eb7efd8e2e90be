// F6 walks through the panes of the window, in the order they stand. A pane is an element with `data-pane`; it gives
// the focus to what had it last, or to the first thing that can have it.
const focusable =
  'a[href], button:not([disabled]):not([tabindex="-1"]), input:not([disabled]):not([tabindex="-1"]), textarea:not([disabled]), [tabindex="0"]';

const lastFocus = new WeakMap<HTMLElement, HTMLElement>();

/** Remembers where the focus was in each pane, until the returned function is called. */
export function rememberFocus(target: Window): () => void {
  const note = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLElement)) return;
    const pane = event.target.closest<HTMLElement>('[data-pane]');
    if (pane) lastFocus.set(pane, event.target);
  };
  target.addEventListener('focusin', note);
  return () => target.removeEventListener('focusin', note);
}

/** Moves the focus to the next pane (1) or the previous one (-1). */
export function cyclePane(by: 1 | -1, root: ParentNode = document): void {
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.querySelector(focusable));
  if (panes.length === 0) return;
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = here < 0 ? (by === 1 ? 0 : panes.length - 1) : (here + by + panes.length) % panes.length;
  const pane = panes[next];
  if (!pane) return;
  const before = lastFocus.get(pane);
  const goal = before && pane.contains(before) ? before : pane.querySelector<HTMLElement>(focusable);
  goal?.focus();
}
