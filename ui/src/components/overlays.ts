// What floats above the page now, so that Esc closes it before it stops a run.

interface Overlay {
  /** Nothing below it can be used: keys of the window wait until it is gone. */
  modal?: boolean;
  /** Closes it, for an Esc that was pressed while the focus was elsewhere. */
  close?: () => void;
}

const open: Overlay[] = [];

/** Marks something as floating until the returned function is called. */
export function openOverlay(overlay: Overlay = {}): () => void {
  const own = { ...overlay };
  open.push(own);
  return () => {
    const at = open.indexOf(own);
    if (at >= 0) open.splice(at, 1);
  };
}

export function anyOverlay(): boolean {
  return open.length > 0;
}

export function anyModal(): boolean {
  return open.some(({ modal }) => modal);
}

/** Closes what floats on top; false when it does not close by Esc or nothing floats. */
export function closeTopOverlay(): boolean {
  const close = open.at(-1)?.close;
  close?.();
  return close !== undefined;
}
