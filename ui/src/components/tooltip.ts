import type { Action } from 'svelte/action';
import { boxOf, viewport } from '../lib/page-zoom';

// One tip for the whole window: only one can be open, and the next one opens at once while one is.
const delay = 400;
const grace = 300;
let tip: HTMLElement | null = null;
let owner: HTMLElement | null = null;
let closedAt = -Infinity;
let timer: ReturnType<typeof setTimeout> | undefined;

function element(): HTMLElement {
  if (tip) return tip;
  tip = document.createElement('div');
  tip.className = 'tooltip';
  tip.id = 'tooltip';
  tip.setAttribute('role', 'tooltip');
  tip.setAttribute('popover', 'manual');
  document.body.append(tip);
  return tip;
}

function open(node: HTMLElement, text: string): void {
  const box = element();
  box.textContent = text;
  owner = node;
  // A dialog makes everything outside of it inert, but a popover opened later still lies above it.
  box.hidePopover?.();
  box.showPopover?.();
  const anchor = boxOf(node);
  const size = { width: box.offsetWidth, height: box.offsetHeight };
  const page = viewport();
  const left = Math.min(Math.max(8, anchor.left + anchor.width / 2 - size.width / 2), page.width - size.width - 8);
  const below = anchor.bottom + 6;
  const top = below + size.height > page.height - 4 ? anchor.top - size.height - 6 : below;
  box.style.left = `${Math.round(left)}px`;
  box.style.top = `${Math.round(top)}px`;
  node.setAttribute('aria-describedby', 'tooltip');
}

function close(node: HTMLElement): void {
  clearTimeout(timer);
  if (owner !== node) return;
  tip?.hidePopover?.();
  node.removeAttribute('aria-describedby');
  owner = null;
  closedAt = Date.now();
}

/** `use:tooltip={text}`: after 400 ms, at once when one is already open. Nothing without text. */
export const tooltip: Action<HTMLElement, string | null | undefined> = (node, text) => {
  let words = text;
  const soon = () => {
    if (!words) return;
    clearTimeout(timer);
    const wait = owner || Date.now() - closedAt < grace ? 0 : delay;
    timer = setTimeout(() => words && open(node, words), wait);
  };
  const focused = () => {
    if (node.matches(':focus-visible')) soon();
  };
  const gone = () => close(node);
  const escape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close(node);
  };
  node.addEventListener('pointerenter', soon);
  node.addEventListener('pointerleave', gone);
  node.addEventListener('pointerdown', gone);
  node.addEventListener('focus', focused);
  node.addEventListener('blur', gone);
  node.addEventListener('keydown', escape);
  return {
    update(next) {
      words = next;
      if (owner === node) {
        if (words) open(node, words);
        else close(node);
      }
    },
    destroy() {
      close(node);
      node.removeEventListener('pointerenter', soon);
      node.removeEventListener('pointerleave', gone);
      node.removeEventListener('pointerdown', gone);
      node.removeEventListener('focus', focused);
      node.removeEventListener('blur', gone);
      node.removeEventListener('keydown', escape);
    },
  };
};
