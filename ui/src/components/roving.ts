// Arrow keys inside one tab stop: radio groups, tab lists, menus.
const steps: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** The index an arrow key, Home or End leads to, or null when the key is another one. */
export function nextIndex(event: KeyboardEvent, index: number, length: number): number | null {
  if (length === 0 || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return length - 1;
  const step = steps[event.key];
  return step === undefined ? null : (index + step + length) % length;
}

export function focusChild(container: HTMLElement, selector: string, index: number): void {
  container.querySelectorAll<HTMLElement>(selector)[index]?.focus();
}
