// Short notes about things outside of what is on screen. What is on screen says its own.

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'warn' | 'bad';
  action?: { label: string; run: () => void };
}

/** Milliseconds a note stays, longer when it offers something. */
const stay = { plain: 5_000, offering: 10_000 };

export class Toasts {
  list: Toast[] = $state.raw([]);
  #serial = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): number {
    this.#serial += 1;
    const toast: Toast = { tone: 'info', ...more, id: this.#serial, text };
    this.list = [...this.list.slice(-3), toast];
    this.resume(toast.id);
    return toast.id;
  }

  dismiss(id: number): void {
    this.hold(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Stops the clock while the pointer or the focus is on a note. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    // A failure waits until somebody has read it.
    if (!toast || toast.tone === 'bad') return;
    this.hold(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), toast.action ? stay.offering : stay.plain),
    );
  }
}
