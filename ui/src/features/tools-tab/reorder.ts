// Dragging items of a list to another place. The keyboard has keys of its own for the same.
import type { Attachment } from 'svelte/attachments';

/** Pixels before a press becomes a drag. */
const SLACK = 4;

/**
 * Attach to the list. Items carry `data-item`; a press on them, or within them on `data-grip` where there is one, can become
 * a drag. `move` is called each time the pointer passes the middle of another item.
 */
export function reorder(move: (from: number, to: number) => void): Attachment<HTMLElement> {
  return (list) => {
    const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[data-item]')];

    const press = (event: PointerEvent): void => {
      const target = event.target as Element;
      const item = target.closest<HTMLElement>('[data-item]');
      const gripped = item?.querySelector('[data-grip]') ? target.closest('[data-grip]') : item;
      if (!item || !gripped || event.button !== 0 || event.pointerType === 'touch') return;
      let at = items().indexOf(item);
      let isDragging = false;
      const from = event.clientY;

      const drag = (event: PointerEvent): void => {
        if (!isDragging && Math.abs(event.clientY - from) < SLACK) return;
        if (!isDragging) list.setPointerCapture(event.pointerId);
        isDragging = true;
        const to = items().findIndex((other) => {
          const box = other.getBoundingClientRect();
          return event.clientY >= box.top && event.clientY < box.bottom;
        });
        const box = items()[to]?.getBoundingClientRect();
        if (to < 0 || to === at || !box) return;
        const isPast = to > at ? event.clientY > box.top + box.height / 2 : event.clientY < box.top + box.height / 2;
        if (!isPast) return;
        move(at, to);
        at = to;
      };
      const end = (): void => {
        removeEventListener('pointermove', drag);
        removeEventListener('pointerup', end);
        removeEventListener('pointercancel', end);
      };
      addEventListener('pointermove', drag);
      addEventListener('pointerup', end);
      addEventListener('pointercancel', end);
    };
    list.addEventListener('pointerdown', press);
    return () => list.removeEventListener('pointerdown', press);
  };
}
