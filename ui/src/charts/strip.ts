/**
 * The event strip under a lane: one tick for each event on a time axis that all lanes share. Drawn on a canvas, because
 * an answer has more events than a document should have nodes.
 */
import type { Arrivals } from '../state/runs/arrivals';

export interface StripData {
  arrivals: Arrivals;
  /** Milliseconds of the whole axis. */
  axis: number;
  /** Milliseconds until the first event, or so far. */
  waited: number | null;
  /** Where the live edge is, or `null` when the call is over. */
  live: number | null;
  /** Where it failed. */
  failed: number | null;
}

export interface StripColors {
  axis: string;
  label: string;
  tick: string;
  stall: string;
  failure: string;
  live: string;
  font: string;
}

export const STRIP_HEIGHT = 32;
const BASE = 18;

/** The next whole second above the slowest lane, in milliseconds. */
export function sharedAxis(slowest: number): number {
  return Math.max(1, Math.floor(slowest / 1000) + 1) * 1000;
}

/** Seconds between labels, so that they do not touch. */
export function labelStep(axis: number, width: number): number {
  const seconds = axis / 1000;
  const most = Math.max(1, Math.floor(width / 56));
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((step) => seconds / step <= most) ?? 7200;
}

/** A gap is a stall when it is longer than this: 250 ms, or eight times the median gap. */
export function stallLimit(times: ArrayLike<number>): number {
  const gaps: number[] = [];
  // A few hundred gaps tell the median of many thousands.
  const step = Math.max(1, Math.floor(times.length / 512));
  for (let index = step; index < times.length; index += step) gaps.push(times[index]! - times[index - 1]!);
  gaps.sort((a, b) => a - b);
  return Math.max(250, 8 * (gaps[gaps.length >> 1] ?? 0));
}

export function stalls(times: ArrayLike<number>): { from: number; to: number }[] {
  const limit = stallLimit(times);
  const out: { from: number; to: number }[] = [];
  for (let index = 1; index < times.length; index += 1) {
    if (times[index]! - times[index - 1]! > limit) out.push({ from: times[index - 1]!, to: times[index]! });
  }
  return out;
}

/** Events in each pixel column; carries on where it stopped as long as axis and width stay. */
export class StripBins {
  counts = new Uint32Array(0);
  #axis = 0;
  #done = 0;

  update(arrivals: Arrivals, axis: number, width: number): Uint32Array {
    if (axis !== this.#axis || width !== this.counts.length || arrivals.length < this.#done) {
      this.counts = new Uint32Array(width);
      this.#axis = axis;
      this.#done = 0;
    }
    const times = arrivals.times(this.#done);
    for (let index = 0; index < times.length; index += 1) {
      const column = Math.min(width - 1, Math.max(0, Math.floor((times[index]! / axis) * width)));
      this.counts[column]! += 1;
    }
    this.#done = arrivals.length;
    return this.counts;
  }
}

/** What the picture says, for those who do not see it. */
export function stripLabel(events: number, first: string | null, last: string | null): string {
  if (events === 0 || first === null || last === null) return 'No events';
  if (events === 1) return `1 event at ${first}`;
  return `${events} events, first at ${first}, last at ${last}`;
}

export function drawStrip(
  context: CanvasRenderingContext2D,
  width: number,
  data: StripData,
  bins: StripBins,
  colors: StripColors,
): void {
  const { arrivals, axis } = data;
  const x = (ms: number) => Math.min(width - 1, Math.max(0, Math.floor((ms / axis) * width)));
  context.clearRect(0, 0, width, STRIP_HEIGHT);
  drawAxis(context, width, axis, colors);

  const waited = data.waited ?? 0;
  context.fillStyle = colors.tick;
  context.globalAlpha = 0.55;
  for (let at = 0; at < x(waited) - 1; at += 4) context.fillRect(at, BASE - 5, 1, 1);
  context.globalAlpha = 1;

  for (const stall of arrivals.length > 2 ? stalls(arrivals.times()) : []) {
    context.fillStyle = colors.stall;
    context.fillRect(x(stall.from) + 1, BASE - 5, Math.max(1, x(stall.to) - x(stall.from) - 1), 3);
  }

  const counts = bins.update(arrivals, axis, width);
  context.fillStyle = colors.tick;
  for (let column = 0; column < width; column += 1) {
    if (counts[column] === 0) continue;
    const crowded = counts[column]! > 1;
    context.globalAlpha = crowded ? 1 : 0.62;
    context.fillRect(column, crowded ? 5 : 9, 1, BASE - (crowded ? 5 : 9));
  }
  context.globalAlpha = 1;
  if (arrivals.first !== null) context.fillRect(x(arrivals.first), 1, 1, BASE - 1);

  if (data.failed !== null) drawCross(context, Math.max(4, Math.min(width - 5, x(data.failed))), colors.failure);
  if (data.live !== null) {
    context.fillStyle = colors.live;
    const at = x(data.live);
    context.fillRect(at, 1, 1, BASE - 1);
    context.beginPath();
    context.moveTo(at - 2.5, 1);
    context.lineTo(at + 3.5, 1);
    context.lineTo(at + 0.5, 5);
    context.fill();
  }
}

function drawAxis(context: CanvasRenderingContext2D, width: number, axis: number, colors: StripColors): void {
  context.fillStyle = colors.axis;
  context.fillRect(0, BASE, width, 1);
  const step = labelStep(axis, width);
  const seconds = axis / 1000;
  context.font = colors.font;
  context.textBaseline = 'alphabetic';
  for (let second = 0; second <= seconds; second += step) {
    const at = Math.min(width - 1, Math.round((second / seconds) * width));
    context.fillStyle = colors.axis;
    context.fillRect(at, BASE, 1, 3);
    const isLast = second + step > seconds;
    context.textAlign = second === 0 ? 'left' : isLast && second === seconds ? 'right' : 'center';
    context.fillStyle = colors.label;
    context.fillText(isLast ? `${second} s` : String(second), isLast && second === seconds ? width : at, 31);
  }
}

function drawCross(context: CanvasRenderingContext2D, at: number, color: string): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(at - 3.5, 8.5);
  context.lineTo(at + 3.5, 15.5);
  context.moveTo(at + 3.5, 8.5);
  context.lineTo(at - 3.5, 15.5);
  context.stroke();
  context.lineWidth = 1;
}
