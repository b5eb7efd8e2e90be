import { describe, expect, it } from 'vitest';
import type { BatchState } from '../../bindings/BatchState';
import {
  countWords,
  endWords,
  isOver,
  isWatched,
  progressName,
  STATES,
  stateWord,
  untilWords,
  whenWords,
} from './words';

const counts = { total: 2_000, done: 1_462, failed: 9 };
const job = (state: BatchState) => ({ state, counts });

describe('the words of a batch', () => {
  it('name its progress exactly, and call nothing waiting once it is over', () => {
    expect(progressName(job('running'))).toBe('1462 done, 9 failed, 0 running, 529 waiting');
    expect(progressName(job('cancelled'))).toBe('1462 done, 9 failed, 0 running, 0 waiting');
  });

  it('count what matters in each state', () => {
    expect(countWords(job('running'))).toBe('1,471 of 2,000');
    expect(countWords(job('cancelled'))).toBe('1,471 kept of 2,000');
    expect(countWords({ state: 'finished', counts: { total: 200, done: 197, failed: 3 } })).toBe('200, 3 failed');
    expect(countWords({ state: 'finished', counts: { total: 400, done: 400, failed: 0 } })).toBe('400');
    expect(countWords({ state: 'refused', counts: { total: 0, done: 0, failed: 0 } })).toBe('file refused');
    expect(countWords({ state: 'queued', counts: { total: 0, done: 0, failed: 0 } })).toBe('');
  });

  it('are the provider’s where we have none', () => {
    expect(stateWord({ state: 'other', providerState: 'défragmenting' })).toBe('défragmenting');
    expect(stateWord({ state: 'running', providerState: 'in_progress' })).toBe('Running');
  });

  it('know for every state whether it is watched or over, and never both', () => {
    const states = Object.keys(STATES) as BatchState[];
    expect(states.filter(isWatched)).toEqual(['queued', 'running', 'finalizing', 'cancelling', 'other']);
    expect(states.filter(isOver)).toEqual(['finished', 'refused', 'expired', 'cancelled']);
  });

  it('say how long it has been going on, and when it was', () => {
    const now = new Date(2026, 2, 4, 12, 0).getTime();
    const sent = (minutes: number) => ({ madeAt: 0, sentAt: now - minutes * 60_000 });
    expect(whenWords({ state: 'running', ...sent(18) }, now)).toBe('18 min');
    expect(whenWords({ state: 'queued', ...sent(0.2) }, now)).toBe('just now');
    expect(whenWords({ state: 'running', ...sent(64) }, now)).toBe('1 h 04 min');
    expect(whenWords({ state: 'finished', ...sent(60) }, now)).toBe('11:00');
    expect([now - 5, now + 11_200, now + 200_000].map((at) => untilWords(at, now))).toEqual([
      'now',
      'in 12 s',
      'in 3 min',
    ]);
  });

  it('tell its end', () => {
    expect(endWords({ name: 'A “b”', state: 'finished', counts })).toBe('A “b” finished, 1,462 done, 9 failed');
    expect(endWords({ name: 'A', state: 'refused', counts })).toBe('A was refused');
    expect(endWords({ name: 'A', state: 'expired', counts })).toBe('A expired, 1,462 done, 9 failed');
  });
});
