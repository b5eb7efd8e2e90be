// Adding, closing and moving lanes. Whatever happens to the first lane, every lane that stays sends what it sent before.
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Message } from '../../bindings/Message';
import type { Parameter } from '../../bindings/Parameter';
import { newId } from '../../lib/ids';
import { effectiveParameters, keepingEffective, rewrite, sendsNow, type Sent } from './parameters';

/** The most lanes one comparison may have; the engine says the same. */
export const MAX_LANES = 12;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `A` to `Z`, then `AA`: a matrix has more variants than a comparison has lanes. */
export function laneLetter(index: number): string {
  const before = Math.floor(index / LETTERS.length);
  return (before > 0 ? laneLetter(before - 1) : '') + LETTERS.charAt(index % LETTERS.length);
}

/** A lane that was closed, with what is needed to bring it back as it was. */
export interface ClosedLane {
  lane: Lane;
  index: number;
  sends: Parameter[];
}

export function copyMessages(messages: readonly Message[]): Message[] {
  return messages.map((message) => ({ ...structuredCloneOf(message), id: newId() }));
}

/** Plain copies: a proxy of the framework cannot be cloned by the platform. */
export function structuredCloneOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Puts a copy of the lane at `index` beside it; `null` when there is no room. */
export function duplicateLane(comparison: Comparison, index: number): Lane | null {
  const source = comparison.lanes[index];
  if (!source || comparison.lanes.length >= MAX_LANES) return null;
  const copy: Lane = structuredCloneOf(source);
  copy.id = newId();
  copy.muted = false;
  // The base differs from itself in nothing, so its copy starts with no overrides of its own.
  if (index === 0) copy.overrides = [];
  if (copy.forkedMessages) copy.forkedMessages = copyMessages(copy.forkedMessages);
  comparison.lanes.splice(index + 1, 0, copy);
  return copy;
}

/** Takes the lane at `index` out. The last lane stays: a comparison without a lane has nothing to run. */
export function closeLane(comparison: Comparison, index: number, sent: Sent): ClosedLane | null {
  const lane = comparison.lanes[index];
  if (!lane || comparison.lanes.length === 1) return null;
  const own = lane.endpoint === comparison.lanes[0]?.endpoint ? effectiveParameters(comparison, lane) : sent(lane);
  const sends = own.map(({ name, json }) => ({ name, json }));
  const closed: ClosedLane = { lane: structuredCloneOf(lane), index, sends };
  if (index === 0) keepingEffective(comparison, () => comparison.lanes.splice(0, 1), sent);
  else comparison.lanes.splice(index, 1);
  return closed;
}

/** Brings a closed lane back to its place, sending what it sent when it was closed. */
export function restoreLane(comparison: Comparison, closed: ClosedLane, sent: Sent): Lane | null {
  if (comparison.lanes.length >= MAX_LANES) return null;
  const sends = sendsNow(comparison, sent);
  const was = comparison.lanes[0]?.endpoint;
  const index = Math.min(closed.index, comparison.lanes.length);
  comparison.lanes.splice(index, 0, structuredCloneOf(closed.lane));
  const lane = comparison.lanes[index] ?? null;
  if (lane) sends.set(lane.id, closed.sends);
  const is = comparison.lanes[0]?.endpoint;
  rewrite(comparison, ({ id, endpoint }) => (endpoint === was || endpoint === is ? (sends.get(id) ?? []) : null));
  return lane;
}

/** Moves a lane; when another lane becomes the base, all keep what they send. */
export function moveLane(comparison: Comparison, from: number, to: number, sent: Sent): boolean {
  if (from === to || !comparison.lanes[from] || !comparison.lanes[to]) return false;
  const move = (): void => {
    const [lane] = comparison.lanes.splice(from, 1);
    if (lane) comparison.lanes.splice(to, 0, lane);
  };
  if (from === 0 || to === 0) keepingEffective(comparison, move, sent);
  else move();
  return true;
}

/**
 * What is read from elsewhere may hold overrides in its first lane. They become the draft's own parameters, so that one
 * rule holds: the base lane has none.
 */
export function foldBaseOverrides(comparison: Comparison): void {
  // No lane changes its place, so nothing is asked of those of other endpoints.
  const unasked: Sent = () => [];
  if (comparison.lanes[0]?.overrides.length) keepingEffective(comparison, () => undefined, unasked);
}
