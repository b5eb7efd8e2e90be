/**
 * When the events of a call arrived, and the gaps between them on a logarithmic scale.
 *
 * However many events there are, at most one mark is drawn for each pixel.
 */
import { duration } from '../lib/format';
import type { Surface } from './canvas';
import { labelStep, sharedAxis } from './strip';

export const GAP_CHART_HEIGHT = 104;

const LEFT = 84;
const RIGHT = 12;
const TOP = 4;
const BOTTOM = 88;
/** Pixels of a factor of ten, and the line of one millisecond. */
const DECADE = 16;
const ONE_MS = 82.5;
const LEAST_GAP = 0.5;
const MOST_GAP = 2000;

export interface GapChartData {
  times: Float32Array;
  /** Milliseconds until the request was out, and until the first byte came. */
  sent: number | null;
  firstByte: number | null;
  medianGap: number | null;
  stallThreshold: number;
  /** Milliseconds so far, while the call runs. */
  live: number | null;
  /** When it failed. */
  failed: number | null;
}

export interface Scale {
  /** Milliseconds of the whole axis. */
  axis: number;
  x(ms: number): number;
  ms(x: number): number;
}

export function scaleOf(data: GapChartData, width: number): Scale {
  const last = data.times.length > 0 ? data.times[data.times.length - 1]! : 0;
  const axis = sharedAxis(Math.max(last, data.live ?? 0, data.failed ?? 0));
  const span = Math.max(1, width - LEFT - RIGHT);
  return {
    axis,
    x: (ms) => LEFT + (Math.min(axis, Math.max(0, ms)) / axis) * span,
    ms: (x) => ((x - LEFT) / span) * axis,
  };
}

export function gapY(gap: number): number {
  return ONE_MS - Math.log10(Math.min(MOST_GAP, Math.max(LEAST_GAP, gap))) * DECADE;
}

/** Index of the event nearest to a moment; times are in order. */
export function nearest(times: Float32Array, ms: number): number | null {
  if (times.length === 0) return null;
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low > 0 && ms - times[low - 1]! < times[low]! - ms ? low - 1 : low;
}

/** What the picture says, in words. */
export function gapChartLabel(data: GapChartData): string {
  const { times, medianGap } = data;
  if (times.length === 0) return 'No events arrived';
  const parts = [
    `Arrival of ${times.length} ${times.length === 1 ? 'event' : 'events'}, first at ${duration(times[0])}, last at ${duration(times[times.length - 1])}`,
  ];
  if (medianGap !== null) parts.push(`median gap ${duration(medianGap)}`);
  const found = stallsOf(times, data.stallThreshold);
  if (found.length > 0) {
    const longest = found.reduce((most, stall) => (stall.to - stall.from > most.to - most.from ? stall : most));
    const length = duration(longest.to - longest.from);
    parts.push(
      found.length === 1
        ? `one stall of ${length} before event ${longest.index + 1}`
        : `${found.length} stalls, the longest of ${length} before event ${longest.index + 1}`,
    );
  }
  return parts.join('; ');
}

interface Stall {
  from: number;
  to: number;
  /** Of the event that ended it, from 0. */
  index: number;
}

function stallsOf(times: Float32Array, threshold: number): Stall[] {
  const found: Stall[] = [];
  for (let index = 1; index < times.length; index += 1) {
    const [from, to] = [times[index - 1]!, times[index]!];
    if (to - from > threshold) found.push({ from, to, index });
  }
  return found;
}

export function drawGapChart(surface: Surface, data: GapChartData): void {
  const { context } = surface;
  const scale = scaleOf(data, surface.width);
  context.font = surface.font;
  context.textBaseline = 'alphabetic';
  drawGrid(surface, scale);
  drawWait(surface, scale, data);
  drawStalls(surface, scale, data);
  drawMedian(surface, scale, data);
  drawArrivals(surface, scale, data.times);
  drawGaps(surface, scale, data.times);
  if (data.failed !== null) drawCross(surface, scale.x(data.failed));
  if (data.live !== null) drawFlag(surface, scale.x(data.live));
}

/** The line at the selected event, on a layer of its own. */
export function drawSelection(surface: Surface, data: GapChartData, index: number): void {
  const { context } = surface;
  const at = data.times[index];
  if (at === undefined) return;
  const x = crisp(scaleOf(data, surface.width).x(at));
  context.fillStyle = surface.color('--chart-1');
  context.fillRect(x, 2, 1, BOTTOM - 2);
  if (index === 0) return;
  context.beginPath();
  context.arc(x + 0.5, gapY(at - data.times[index - 1]!), 4, 0, Math.PI * 2);
  context.fill();
  context.strokeStyle = surface.color('--bg-surface');
  context.lineWidth = 1.5;
  context.stroke();
}

const crisp = (x: number): number => Math.floor(x);

function drawGrid({ context, width, color }: Surface, { axis, x }: Scale): void {
  const seconds = axis / 1000;
  const step = labelStep(axis, width - LEFT - RIGHT);
  const half = step / 2;
  for (let second = 0; second <= seconds; second += half) {
    context.fillStyle = color('--chart-grid');
    context.fillRect(crisp(x(second * 1000)), TOP, 1, BOTTOM - TOP);
    if (second % step !== 0) continue;
    const last = second + step > seconds;
    context.textAlign = second === 0 ? 'left' : second === seconds ? 'right' : 'center';
    context.fillStyle = color('--fg-subtle');
    context.fillText(last ? `${second} s` : String(second), x(second * 1000), 101);
  }
  context.textAlign = 'right';
  for (const [gap, label] of [
    [1, '1'],
    [10, '10'],
    [100, '100'],
    [1000, '1 s'],
  ] as const) {
    const y = crisp(gapY(gap));
    context.fillStyle = color('--chart-grid');
    context.fillRect(LEFT, y, width - LEFT - RIGHT, 1);
    context.fillStyle = color('--fg-subtle');
    context.fillText(label, 76, y + 4);
  }
  context.textAlign = 'left';
  words(context);
  context.fillText('Arrival', 0, 18);
  context.fillText('Gap, ms', 0, 44);
}

/** Words stand in the font of the page, figures in that of the wire. */
function words(context: CanvasRenderingContext2D, weight = 400): void {
  context.font = `${weight} 11px ${getComputedStyle(document.body).fontFamily}`;
}

function drawWait(surface: Surface, { x }: Scale, { sent, firstByte, live, failed, times }: GapChartData): void {
  const { context, color } = surface;
  const until = firstByte ?? (times.length > 0 ? times[0]! : (live ?? failed));
  if (until === null) return;
  const from = Math.min(until, sent ?? 0);
  context.fillStyle = color('--chart-grid');
  context.fillRect(x(from), 12, x(until) - x(from), 6);
  context.fillStyle = color('--chart-3');
  context.fillRect(x(0), 12, x(from) - x(0), 6);
  const label = `waiting ${duration(until - from)}`;
  words(context);
  if (x(until) - x(from) < context.measureText(label).width) return;
  context.textAlign = 'center';
  context.fillStyle = color('--fg-subtle');
  context.fillText(label, (x(from) + x(until)) / 2, 29);
}

function drawStalls({ context, color }: Surface, { x }: Scale, { times, stallThreshold }: GapChartData): void {
  words(context, 500);
  context.textAlign = 'center';
  for (const { from, to } of stallsOf(times, stallThreshold)) {
    const [left, right] = [x(from), x(to)];
    context.fillStyle = color('--warn-mark');
    context.globalAlpha = 0.14;
    context.fillRect(left, TOP, Math.max(1, right - left), BOTTOM - TOP);
    context.globalAlpha = 1;
    context.fillRect(crisp(left), BOTTOM - 2, Math.max(1, right - left), 2);
    const label = [`stall ${duration(to - from)}`, duration(to - from)].find(
      (text) => context.measureText(text).width < right - left - 6,
    );
    if (label === undefined) continue;
    context.fillStyle = color('--warn-text');
    context.fillText(label, (left + right) / 2, 22);
  }
}

function drawMedian(surface: Surface, { x }: Scale, { medianGap, times }: GapChartData): void {
  if (medianGap === null || times.length < 3) return;
  const { context, color, width } = surface;
  const y = crisp(gapY(medianGap));
  words(context);
  const label = `median ${medianGap < 100 ? medianGap.toFixed(1) : Math.round(medianGap)} ms`;
  const space = context.measureText(label).width + 6;
  const last = x(times[times.length - 1]!);
  const right = width - RIGHT;
  // Beside the line where there is room, else above its end.
  const beside = right - last > space;
  context.fillStyle = color('--chart-3');
  for (let at = x(times[0]!); at < (beside ? right - space : right); at += 4) context.fillRect(at, y, 2, 1);
  context.textAlign = 'right';
  context.fillStyle = color('--fg-muted');
  if (beside) context.fillText(label, right, y + 4);
  else context.fillText(label, right, 44);
}

function drawArrivals({ context, color, width }: Surface, { x }: Scale, times: Float32Array): void {
  const counts = new Uint8Array(width);
  for (const time of times) {
    const column = crisp(x(time));
    if (counts[column]! < 2) counts[column]! += 1;
  }
  context.fillStyle = color('--chart-2');
  for (let column = 0; column < width; column += 1) {
    if (counts[column] === 0) continue;
    const crowded = counts[column]! > 1;
    context.globalAlpha = crowded ? 1 : 0.7;
    context.fillRect(column, crowded ? 10 : 14, 1, crowded ? 14 : 10);
  }
  context.globalAlpha = 1;
  if (times.length > 0) context.fillRect(crisp(x(times[0]!)), 8, 1, 16);
}

function drawGaps({ context, color, width }: Surface, { x }: Scale, times: Float32Array): void {
  const taken = new Uint8Array(width * GAP_CHART_HEIGHT);
  context.fillStyle = color('--chart-2');
  const few = times.length < 2_000;
  for (let index = 1; index < times.length; index += 1) {
    const at = x(times[index]!);
    const y = gapY(times[index]! - times[index - 1]!);
    const pixel = crisp(y) * width + crisp(at);
    if (taken[pixel]) continue;
    taken[pixel] = 1;
    if (!few) context.fillRect(crisp(at), crisp(y), 1, 1);
    else {
      context.beginPath();
      context.arc(at, y, 1.6, 0, Math.PI * 2);
      context.fill();
    }
  }
}

function drawCross({ context, color }: Surface, at: number): void {
  context.strokeStyle = color('--bad-mark');
  context.lineWidth = 1.6;
  context.beginPath();
  context.moveTo(at - 4, 15);
  context.lineTo(at + 4, 23);
  context.moveTo(at + 4, 15);
  context.lineTo(at - 4, 23);
  context.stroke();
}

function drawFlag({ context, color }: Surface, at: number): void {
  const x = crisp(at);
  context.fillStyle = color('--chart-1');
  context.fillRect(x, TOP, 1, 20);
  context.beginPath();
  context.moveTo(x - 2.5, TOP);
  context.lineTo(x + 3.5, TOP);
  context.lineTo(x + 0.5, TOP + 4);
  context.fill();
}
