import { describe, expect, it } from 'vitest';
import { search, type Entry } from './search';

const entry = (group: Entry['group'], text: string): Entry => ({
  id: `${group}:${text}`,
  group,
  icon: 'right',
  text,
  run: () => undefined,
});
const entries = [
  entry('Parameters', 'temperature'),
  entry('Parameters', 'top_p'),
  entry('Commands', 'Duplicate lane'),
  entry('Commands', 'Stop all lanes'),
  entry('Commands', 'Try the sandbox'),
  entry('Comparisons', 'Attempt at a refund'),
  entry('Runs', 'Temporary'),
];
const texts = (query: string) => search(entries, query).flatMap(({ found }) => found.map((one) => one.entry.text));

describe('the palette', () => {
  it('finds in every group, best match first within each', () => {
    expect(search(entries, 'temp').map(({ group }) => group)).toEqual(['Parameters', 'Comparisons', 'Runs']);
    expect(texts('la')).toEqual(['Duplicate lane', 'Stop all lanes']);
  });

  it('shows only commands after >', () => {
    expect(texts('>')).toEqual(['Duplicate lane', 'Stop all lanes', 'Try the sandbox']);
    expect(texts('> sand')).toEqual(['Try the sandbox']);
  });

  it('shows comparisons and runs after @', () => {
    expect(texts('@')).toEqual(['Attempt at a refund', 'Temporary']);
  });

  it('finds words in any order', () => {
    expect(texts('lane dupl')).toEqual(['Duplicate lane']);
  });

  it('tells where the match stands', () => {
    expect(search(entries, 'P_')[0]?.found[0]).toMatchObject({ from: 2, to: 4 });
  });

  it('finds nothing where there is nothing', () => {
    expect(search(entries, 'zebra')).toEqual([]);
  });
});
