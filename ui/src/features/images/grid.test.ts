import { describe, expect, it } from 'vitest';
import type { Grid } from '../../bindings/Grid';
import { newComparison, newLane } from '../../state/comparison/new';
import { differencesOf, jsonOf, lanesOf, nameOf, sizeOf, valuesOf } from './grid';

const columns = { subject: { kind: 'parameter' as const, name: 'n' }, values: ['1', ' 2 ', '', '2', 'unset'] };
const rows = { subject: { kind: 'prompt' as const }, values: ['Ein „Turm“', '{{x}} \\ 塔'] };

function comparison(grid: Grid) {
  const made = newComparison('Towers', newLane('c', 'm', 'image'), null);
  made.draft.grid = grid;
  return made;
}

describe('the lanes of a grid', () => {
  it('has each value once, without empty lines', () => {
    expect(valuesOf(columns)).toEqual(['1', '2', 'unset']);
    expect(sizeOf({ columns, rows })).toEqual({ columns: 3, rows: 2 });
    expect(sizeOf({ columns: null, rows: null })).toEqual({ columns: 1, rows: 1 });
  });

  it('is made row by row; the first keeps its id', () => {
    const made = comparison({ columns, rows });
    const lanes = lanesOf(made, () => ({ kind: 'integer', minimum: 1, maximum: 10 }));
    expect(lanes).toHaveLength(6);
    expect(lanes[0]?.id).toBe(made.lanes[0]?.id);
    expect(new Set(lanes.map(({ id }) => id)).size).toBe(6);
    expect(lanes[1]?.overrides).toEqual([{ kind: 'set', parameter: { name: 'n', json: '2' } }]);
    expect(lanes[2]?.overrides).toEqual([{ kind: 'unset', name: 'n' }]);
    const said = lanes[4]?.forkedMessages?.find(({ role }) => role === 'user')?.content;
    expect(said).toMatchObject({ kind: 'text', text: '{{x}} \\ 塔' });
    expect(nameOf({ columns, rows }, 4)).toBe('2, {{x}} \\ 塔');
    expect(differencesOf(made, lanes[0]!, lanes[4]!)).toEqual(['prompt', 'n']);
  });

  it('spells a value as its parameter wants it', () => {
    expect(jsonOf('1024', { kind: 'text', suggestions: [] })).toBe('"1024"');
    expect(jsonOf('0.20', { kind: 'number', minimum: null, maximum: null })).toBe('0.20');
    expect(jsonOf('say "a"', null)).toBe('"say \\"a\\""');
    expect(jsonOf('{"a":1}', null)).toBe('{"a":1}');
  });
});
