/** What the two charts of a call's time are made of. */
import type { Cell } from '../../../bindings/Cell';
import { stalls } from '../../../charts/strip';

export interface PhaseBar {
  name: string;
  start: number;
  end: number;
  kind: 'past' | 'wait' | 'receive';
  /** It is not over. */
  running: boolean;
}

/** The phases of a call in order; those that did not take place are left out. */
export function phaseBars(cell: Cell, elapsed: number | null): PhaseBar[] {
  const { phases, milestones } = cell;
  const bars: PhaseBar[] = [];
  const add = (name: string, span: { start: number; end: number } | null, kind: PhaseBar['kind']) => {
    if (span) bars.push({ name, start: span.start, end: span.end, kind, running: false });
  };
  add('DNS', phases.dns, 'past');
  add('Connect', phases.connect, 'past');
  add('TLS', phases.tls, 'past');
  add('Send', phases.send, 'past');
  add('Wait', phases.wait, 'wait');
  add('Receive', phases.receive, 'receive');
  if (elapsed === null || milestones.end !== null) return bars;
  const last = bars.at(-1);
  if (!phases.wait) bars.push({ name: 'Wait', start: last?.end ?? 0, end: elapsed, kind: 'wait', running: true });
  else if (!phases.receive)
    bars.push({ name: 'Receive', start: phases.wait.end, end: elapsed, kind: 'receive', running: true });
  return bars;
}

export interface Mark {
  name: string;
  at: number;
}

/** The first of everything that an answer has, in the order in which they came. */
export function marks(cell: Cell): Mark[] {
  const { firstByte, firstEvent, firstReasoning, firstText } = cell.milestones;
  const all: [string, number | null][] = [
    ['first byte', firstByte],
    ['first event', firstEvent],
    ['first reasoning token', firstReasoning],
    ['first visible token', firstText],
  ];
  return all.flatMap(([name, at]) => (at === null ? [] : [{ name, at }])).sort((a, b) => a.at - b.at);
}

export interface Axis {
  /** Milliseconds at the right edge. */
  length: number;
  /** Milliseconds of each line. */
  ticks: number[];
  /** Whether the lines say seconds. */
  seconds: boolean;
}

/** A scale that ends on a line a little after `until`, with at most `most` lines after the first. */
export function niceAxis(until: number, most = 8): Axis {
  const goal = Math.max(1, until * 1.04);
  const power = 10 ** Math.floor(Math.log10(goal / most));
  const step = [1, 2, 5, 10, 20].map((factor) => factor * power).find((size) => Math.ceil(goal / size) <= most)!;
  const count = Math.ceil(goal / step);
  const length = count * step;
  return { length, ticks: Array.from({ length: count + 1 }, (_, index) => index * step), seconds: length >= 2_000 };
}

/** The scale of what comes before the answer: up to its first byte, and a little of what follows. */
export function firstByteAxis(cell: Cell, bars: readonly PhaseBar[]): Axis {
  const { firstByte, firstEvent } = cell.milestones;
  const before = bars.filter(({ kind }) => kind !== 'receive').map(({ end }) => end);
  return niceAxis(Math.max(firstByte ?? 0, firstEvent ?? 0, ...before) * 1.06);
}

export function tickLabel(axis: Axis, tick: number, last: boolean): string {
  const value = axis.seconds ? tick / 1000 : tick;
  const text = value.toLocaleString('en-GB', { maximumFractionDigits: 3 });
  return last ? `${text} ${axis.seconds ? 's' : 'ms'}` : text;
}

export interface Piece {
  from: number;
  to: number;
  kind: 'past' | 'wait' | 'receive' | 'stall';
}

/** A whole call as pieces of one bar. */
export function runPieces(cell: Cell, times: ArrayLike<number>, end: number): Piece[] {
  const { phases, milestones } = cell;
  const sent = phases.send?.end ?? phases.wait?.start ?? 0;
  const first = milestones.firstByte ?? phases.wait?.end ?? end;
  const pieces: Piece[] = [];
  if (sent > 0) pieces.push({ from: 0, to: Math.min(sent, end), kind: 'past' });
  if (first > sent) pieces.push({ from: sent, to: Math.min(first, end), kind: 'wait' });
  let at = first;
  if (milestones.firstByte !== null && cell.error?.kind !== 'rejected') {
    for (const stall of times.length > 2 ? stalls(times) : []) {
      if (stall.from > at) pieces.push({ from: at, to: stall.from, kind: 'receive' });
      pieces.push({ ...stall, kind: 'stall' });
      at = stall.to;
    }
    if (end > at) pieces.push({ from: at, to: end, kind: 'receive' });
  }
  return pieces;
}
