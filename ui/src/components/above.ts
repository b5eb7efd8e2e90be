import { openOverlay } from './overlays';

/** Lets a pane lie above the page: it takes the focus, and closes by Esc and by a press beside it. */
export function above(close: () => void): (pane: HTMLElement) => () => void {
  return (pane) => {
    const release = openOverlay({ close });
    const before = document.activeElement;
    const press = (event: PointerEvent) => {
      const target = event.target as Element;
      // What floats out of the pane, and the button that opened it, are not beside it.
      if (!pane.contains(target) && !target.closest('[popover], dialog, [aria-pressed]')) close();
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      close();
    };
    addEventListener('pointerdown', press, true);
    pane.addEventListener('keydown', key);
    pane.querySelector<HTMLElement>('input, button, [tabindex="0"]')?.focus();
    return () => {
      release();
      removeEventListener('pointerdown', press, true);
      pane.removeEventListener('keydown', key);
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  };
}
