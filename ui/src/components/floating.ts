import type { Action } from 'svelte/action';
import { boxOf, viewport } from '../lib/page-zoom';
import { openOverlay } from './overlays';

interface Floating {
  anchor: HTMLElement;
  /** Which edge of the anchor it lines up with. */
  align?: 'start' | 'end';
  onclose: () => void;
}

const gap = 4;
const edge = 8;

function place(node: HTMLElement, anchor: HTMLElement, align: 'start' | 'end'): void {
  const from = boxOf(anchor);
  const size = { width: node.offsetWidth, height: node.offsetHeight };
  const page = viewport();
  const wanted = align === 'end' ? from.right - size.width : from.left;
  const left = Math.max(edge, Math.min(wanted, page.width - size.width - edge));
  const below = page.height - from.bottom - gap - edge;
  const above = from.top - gap - edge;
  const upward = size.height > below && above > below;
  node.style.left = `${Math.round(left)}px`;
  node.style.maxHeight = `${Math.max(120, Math.round(upward ? above : below))}px`;
  const top = upward ? from.top - gap - Math.min(size.height, above) : from.bottom + gap;
  node.style.top = `${Math.round(top)}px`;
}

/** Lifts an element into the top layer beside its anchor; Esc and a press elsewhere close it. */
export const floating: Action<HTMLElement, Floating> = (node, options) => {
  const { anchor, align = 'start' } = options;
  const release = openOverlay({ close: () => options.onclose() });
  node.setAttribute('popover', 'manual');
  node.style.position = 'fixed';
  node.showPopover?.();
  const settle = () => place(node, anchor, align);
  settle();
  const watcher = new ResizeObserver(settle);
  watcher.observe(node);

  const outside = (event: Event) => {
    const target = event.target as Node;
    if (!node.contains(target) && !anchor.contains(target)) options.onclose();
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    options.onclose();
    anchor.focus();
  };
  const scrolled = (event: Event) => {
    if (event.target instanceof Node && event.target.contains(anchor)) settle();
  };
  addEventListener('pointerdown', outside, true);
  addEventListener('resize', settle);
  addEventListener('scroll', scrolled, true);
  node.addEventListener('keydown', escape);
  return {
    update(next) {
      options = next;
    },
    destroy() {
      release();
      watcher.disconnect();
      removeEventListener('pointerdown', outside, true);
      removeEventListener('resize', settle);
      removeEventListener('scroll', scrolled, true);
      node.removeEventListener('keydown', escape);
    },
  };
};
