import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../bindings/Comparison';
import type { Override } from '../../bindings/Override';
import { closeLane, duplicateLane, foldBaseOverrides, moveLane, restoreLane } from './lanes';
import { newComparison, newLane } from './new';
import {
  effectiveParameters,
  modifiedNames,
  renameParameter,
  resetParameter,
  setParameter,
  unsetParameter,
} from './parameters';

/** All lanes here are of one endpoint, so that nobody is asked what another one sends. */
const asked = (): never => {
  throw new Error('nobody is asked');
};
const ORDER = ['temperature', 'top_p', 'seed', 'stop'];

function comparisonOf(draft: Record<string, string>, ...overrides: Override[][]): Comparison {
  const lanes = [[], ...overrides].map((own) => ({ ...newLane('connection', 'model'), overrides: own }));
  const [base, ...others] = lanes;
  if (!base) throw new Error('a comparison has a base lane');
  const comparison = newComparison('Test', base, null);
  comparison.lanes.push(...others);
  comparison.draft.parameters = Object.entries(draft).map(([name, json]) => ({ name, json }));
  return comparison;
}

const set = (name: string, json: string): Override => ({ kind: 'set', parameter: { name, json } });
const unset = (name: string): Override => ({ kind: 'unset', name });

/** `temperature=0.2 seed=7`, lane by lane. */
function sent(comparison: Comparison): string[] {
  return comparison.lanes.map((lane) =>
    effectiveParameters(comparison, lane)
      .map(({ name, json }) => `${name}=${json}`)
      .join(' '),
  );
}

describe('what a lane sends', () => {
  it('is the draft, replaced in place, left out, and added at the end', () => {
    const comparison = comparisonOf({ temperature: '0.20', top_p: '1', seed: '7' }, [
      set('seed', '8'),
      unset('top_p'),
      set('stop', 'null'),
    ]);
    expect(sent(comparison)).toEqual(['temperature=0.20 top_p=1 seed=7', 'temperature=0.20 seed=8 stop=null']);
    expect(effectiveParameters(comparison, comparison.lanes[1]!).map(({ origin }) => origin)).toEqual([
      'draft',
      'lane',
      'lane',
    ]);
  });

  it('has no key for a parameter that nobody set', () => {
    expect(sent(comparisonOf({}, []))).toEqual(['', '']);
  });
});

describe('editing the base lane', () => {
  it('edits the draft, so every lane that says nothing else follows', () => {
    const comparison = comparisonOf({ temperature: '0.2' }, [], [set('temperature', '0.9')]);
    setParameter(comparison, 0, 'temperature', '0.50', ORDER);
    expect(sent(comparison)).toEqual(['temperature=0.50', 'temperature=0.50', 'temperature=0.9']);
  });

  it('keeps an override that the base happens to pass, for a slider passes every value', () => {
    const comparison = comparisonOf({ temperature: '0.2' }, [set('temperature', '0.9')]);
    for (const json of ['0.8', '0.9', '1.0']) setParameter(comparison, 0, 'temperature', json, ORDER);
    expect(sent(comparison)).toEqual(['temperature=1.0', 'temperature=0.9']);
  });

  it('puts a new key where the form has it, and an unknown key at the end', () => {
    const comparison = comparisonOf({ temperature: '0.2', stop: 'null', mine: '1' });
    setParameter(comparison, 0, 'other', '2', ORDER);
    setParameter(comparison, 0, 'seed', '7', ORDER);
    expect(sent(comparison)).toEqual(['temperature=0.2 seed=7 stop=null mine=1 other=2']);
  });

  it('takes the key out of the draft when it is unset', () => {
    const comparison = comparisonOf({ temperature: '0.2', seed: '7' }, []);
    unsetParameter(comparison, 0, 'temperature');
    expect(sent(comparison)).toEqual(['seed=7', 'seed=7']);
  });
});

describe('editing another lane', () => {
  it('writes overrides and leaves the draft alone', () => {
    const comparison = comparisonOf({ temperature: '0.2', seed: '7' }, []);
    setParameter(comparison, 1, 'temperature', '0.9', ORDER);
    unsetParameter(comparison, 1, 'seed');
    expect(comparison.draft.parameters).toEqual([
      { name: 'temperature', json: '0.2' },
      { name: 'seed', json: '7' },
    ]);
    expect(comparison.lanes[1]?.overrides).toEqual([set('temperature', '0.9'), unset('seed')]);
    expect(modifiedNames(comparison, comparison.lanes[1]!)).toEqual(['temperature', 'seed']);
  });

  it('drops the override when the value is that of the base again', () => {
    const comparison = comparisonOf({ temperature: '0.2' }, [set('temperature', '0.9'), set('seed', '1')]);
    setParameter(comparison, 1, 'temperature', '0.2', ORDER);
    unsetParameter(comparison, 1, 'seed');
    expect(comparison.lanes[1]?.overrides).toEqual([]);
  });

  it('counts another spelling as another value, because other bytes are sent', () => {
    const comparison = comparisonOf({ temperature: '0.2' }, []);
    setParameter(comparison, 1, 'temperature', '0.20', ORDER);
    expect(modifiedNames(comparison, comparison.lanes[1]!)).toEqual(['temperature']);
  });

  it('goes back to the base on reset, also from "left out"', () => {
    const comparison = comparisonOf({ temperature: '0.2', seed: '7' }, [set('temperature', '0.9'), unset('seed')]);
    resetParameter(comparison, 1, 'temperature');
    resetParameter(comparison, 1, 'seed');
    expect(sent(comparison)[1]).toBe('temperature=0.2 seed=7');
  });
});

describe('renaming a key', () => {
  it('keeps its place and value in the base lane', () => {
    const comparison = comparisonOf({ mine: '1', other: '2' });
    renameParameter(comparison, 0, 'mine', 'yours', ORDER);
    expect(sent(comparison)).toEqual(['yours=1 other=2']);
  });
  it('leaves the old name out and sets the new one in another lane', () => {
    const comparison = comparisonOf({ mine: '1' }, []);
    renameParameter(comparison, 1, 'mine', 'yours', ORDER);
    expect(sent(comparison)).toEqual(['mine=1', 'yours=1']);
  });
});

describe('lanes that come and go', () => {
  const mixed = (): Comparison =>
    comparisonOf({ temperature: '0.2', seed: '7' }, [set('temperature', '0.9'), unset('seed')], [set('stop', '"END"')]);

  it('leave every other lane with what it sends when lane A is closed', () => {
    const comparison = mixed();
    const [, b, c] = sent(comparison);
    closeLane(comparison, 0, asked);
    expect(sent(comparison)).toEqual([b, c]);
    expect(comparison.lanes[0]?.overrides).toEqual([]);
    expect(comparison.draft.parameters).toEqual([{ name: 'temperature', json: '0.9' }]);
  });

  it('come back as they were, lane A as the base', () => {
    const comparison = mixed();
    const before = sent(comparison);
    const ids = comparison.lanes.map(({ id }) => id);
    for (const index of [0, 1, 2]) {
      const closed = closeLane(comparison, index, asked);
      expect(closed).not.toBeNull();
      if (closed) restoreLane(comparison, closed, asked);
      expect(sent(comparison)).toEqual(before);
      expect(comparison.lanes.map(({ id }) => id)).toEqual(ids);
    }
  });

  it('keep what they send when they are moved', () => {
    const comparison = mixed();
    const before = sent(comparison);
    moveLane(comparison, 2, 0, asked);
    const last = before.pop();
    // The order in which a key came to a lane may change with the base; what is sent does not.
    const sorted = (lines: (string | undefined)[]): string[] =>
      lines.map((line) => (line ?? '').split(' ').sort().join(' '));
    expect(sorted(sent(comparison))).toEqual(sorted([last, ...before]));
  });

  it('are copied with their differences, and the copy of the base starts with none', () => {
    const comparison = mixed();
    duplicateLane(comparison, 1);
    duplicateLane(comparison, 0);
    const lines = sent(comparison);
    expect(lines[1]).toBe(lines[0]);
    expect(lines[3]).toBe(lines[2]);
    expect(new Set(comparison.lanes.map(({ id }) => id)).size).toBe(5);
  });

  it('are at most twelve and at least one', () => {
    const comparison = comparisonOf({});
    for (let copies = 0; copies < 20; copies += 1) duplicateLane(comparison, 0);
    expect(comparison.lanes).toHaveLength(12);
    while (comparison.lanes.length > 1) closeLane(comparison, 0, asked);
    expect(closeLane(comparison, 0, asked)).toBeNull();
  });

  it('lose overrides of the first lane to the draft without sending anything else', () => {
    const comparison = mixed();
    comparison.lanes[0]!.overrides = [set('temperature', '1.5')];
    const before = sent(comparison);
    foldBaseOverrides(comparison);
    expect(sent(comparison)).toEqual(before);
    expect(comparison.lanes[0]?.overrides).toEqual([]);
  });
});
