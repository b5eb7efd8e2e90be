/**
 * Measures how smoothly the window paints, from inside: gaps between frames, long tasks, and how late the last text is.
 * The same code runs in a plain browser and in the app's own window.
 */
import type { RunsController } from '../state/runs.svelte';
import { painter } from '../state/runs/painter';

export interface FrameReport {
  frames: number;
  dropped: number;
  /** Dropped ÷ (painted + dropped). */
  droppedShare: number;
  gapP50: number;
  gapP99: number;
  gapMax: number;
  /** Tasks over 50 ms as the engine counts them; `null` where it does not. */
  longTasks: number | null;
  longestTask: number;
  /** Each time that a timer due at once came more than 50 ms late: the same from inside, in every engine. */
  stalls: Stall[];
}

/** Milliseconds since the meter began, and for how long nothing else could run. */
export interface Stall {
  at: number;
  length: number;
}

const LONG = 50;

/** Watches frames until `stop`. */
export class FrameMeter {
  #gaps: number[] = [];
  #last = 0;
  #running = true;
  #stalls: Stall[] = [];
  #long = 0;
  #longest = 0;
  #observer: PerformanceObserver | null = null;

  constructor(readonly interval = 1000 / 60) {
    const frame = (now: number) => {
      if (!this.#running) return;
      if (this.#last > 0) this.#gaps.push(now - this.#last);
      this.#last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    this.#watchTimer();
    if (PerformanceObserver.supportedEntryTypes?.includes('longtask')) {
      this.#observer = new PerformanceObserver((list) => this.#count(list.getEntries()));
      this.#observer.observe({ entryTypes: ['longtask'] });
    }
  }

  #count(entries: PerformanceEntryList): void {
    for (const entry of entries) {
      this.#long += 1;
      this.#longest = Math.max(this.#longest, entry.duration);
    }
  }

  #watchTimer(): void {
    const began = performance.now();
    let before = began;
    const tick = () => {
      const now = performance.now();
      if (now - before > LONG + 5) this.#stalls.push({ at: round(before - began), length: round(now - before) });
      before = now;
      if (this.#running) setTimeout(tick, 4);
    };
    setTimeout(tick, 4);
  }

  stop(): FrameReport {
    this.#running = false;
    if (this.#observer) this.#count(this.#observer.takeRecords());
    this.#observer?.disconnect();
    const sorted = [...this.#gaps].sort((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    let dropped = 0;
    for (const gap of this.#gaps) dropped += Math.max(0, Math.round(gap / this.interval) - 1);
    return {
      frames: this.#gaps.length,
      dropped,
      droppedShare: round(dropped / Math.max(1, this.#gaps.length + dropped), 4),
      gapP50: at(0.5),
      gapP99: at(0.99),
      gapMax: at(1),
      longTasks: this.#observer ? this.#long : null,
      longestTask: round(this.#longest),
      stalls: this.#stalls,
    };
  }
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Resolves with the time at which everything that has arrived is painted and nothing runs any more. */
export async function settled(runs: RunsController, timeout = 600_000): Promise<number> {
  const until = performance.now() + timeout;
  for (;;) {
    await frame();
    if (performance.now() > until) throw new Error('the run did not end in time');
    if (!runs.isLive && painter.isIdle) return afterPaint();
  }
}

/** The time right after the next frame has been painted. */
export async function afterPaint(): Promise<number> {
  await frame();
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(null);
  });
}

function frame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

export function nodeCount(): number {
  return document.getElementsByTagName('*').length;
}

/** Resolves when `selector` shows text, with the time of that paint. */
export async function textPainted(selector: string): Promise<number> {
  while (!document.querySelector(selector)?.textContent?.trim()) await frame();
  return afterPaint();
}
