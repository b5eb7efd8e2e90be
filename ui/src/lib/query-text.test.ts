import { describe, expect, it } from 'vitest';
import {
  filterText,
  hasFilter,
  queryParts,
  withFilter,
  withoutFilter,
  withoutFilters,
  withoutNames,
} from './query-text';

const short = (text: string) =>
  queryParts(text).map(({ kind, negated, name, value }) => `${negated ? '-' : ''}${kind} ${name}${value}`);

describe('the parts of a query', () => {
  it('are words, phrases and filters, each of which may be turned round', () => {
    expect(short('model:gpt-4o cost>0.02 "votre remboursement" -refus -"pas de" -has:error café')).toEqual([
      'filter model:gpt-4o',
      'filter cost>0.02',
      'phrase votre remboursement',
      '-word refus',
      '-phrase pas de',
      '-filter has:error',
      'word café',
    ]);
  });

  it('know their place', () => {
    const text = '  connection:"Scale prod"  日本 ';
    expect(queryParts(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'connection:"Scale prod"',
      '日本',
    ]);
  });

  it.each([
    ['', []],
    ['"', ['phrase ']],
    ['"not closed', ['phrase not closed']],
    ['model:', ['filter model:']],
    ['model:"Scale pr', ['filter model:Scale pr']],
    ['ttft>=1s', ['filter ttft>=1s']],
    ['https://example.test', ['filter https://example.test']],
    ['a"b"', ['word a', 'phrase b']],
  ])('of %j are found', (text, wanted) => {
    expect(short(text)).toEqual(wanted);
  });
});

describe('a filter', () => {
  it('is put before the words and taken away again', () => {
    const text = 'has:tool remboursement';
    const more = withFilter(text, 'connection:"Scale prod"');
    expect(more).toBe('has:tool connection:"Scale prod" remboursement');
    expect(hasFilter(more, 'connection:"scale prod"')).toBe(true);
    expect(withFilter(more, 'connection:"Scale prod"')).toBe(more);
    expect(withoutFilter(more, 'connection:"Scale prod"')).toBe(text);
  });

  it('takes its neighbours along only when asked to', () => {
    expect(withoutNames('after:2026-11-01 before:2026-11-02 light has:tool', ['after:', 'before:'])).toBe(
      'light has:tool',
    );
    expect(withoutFilters('model:a  light "rear light" -has:tool')).toBe('light "rear light"');
  });

  it('has quotes where its value has spaces', () => {
    expect([filterText('model:', 'gpt-4o'), filterText('model:', 'my "own" model')]).toEqual([
      'model:gpt-4o',
      'model:"my own model"',
    ]);
  });
});
