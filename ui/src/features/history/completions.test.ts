import { describe, expect, it } from 'vitest';
import type { FilterHelp } from '../../bindings/FilterHelp';
import type { SearchFacets } from '../../bindings/SearchFacets';
import { completing } from './completions';

const help: FilterHelp[] = ['model:', 'cost>', 'cost<', 'has:tool', 'has:error', 'after:'].map((filter) => ({
  filter,
  example: filter,
  meaning: `about ${filter}`,
}));
const facets: SearchFacets = {
  groups: [
    {
      title: 'Model',
      values: [
        { label: 'openai/gpt-4o', filter: 'model:openai/gpt-4o', count: 7, chosen: false },
        { label: 'my model', filter: 'model:"my model"', count: 2, chosen: false },
      ],
    },
  ],
  days: [],
  matches: 0,
  capped: false,
  total: 0,
  bytes: 0,
  pending: 0,
};
const offered = (text: string, caret = text.length) =>
  completing(text, caret, help, facets)?.choices.map((choice) => choice.text) ?? [];

describe('completions', () => {
  it.each([
    ['co', ['cost>', 'cost<']],
    ['light -ha', ['-has:tool', '-has:error']],
    ['model:', ['model:openai/gpt-4o', 'model:"my model"']],
    ['model:my', ['model:"my model"']],
    ['model:"my m', ['model:"my model"']],
    ['has:e', ['has:error']],
    ['after:', ['after:today', 'after:yesterday', 'after:7d', 'after:30d']],
    ['light', []],
    ['"cost', []],
    ['has:error', []],
    ['', []],
    ['cost ', []],
  ])('of %j', (text, wanted) => {
    expect(offered(text)).toEqual(wanted);
  });

  it('belong to the place of the caret, and come only at the end of a part', () => {
    expect(offered('co light', 2)).toEqual(['cost>', 'cost<']);
    expect(offered('co light', 1)).toEqual([]);
    expect(completing('a mod', 5, help, facets)).toMatchObject({ start: 2, end: 5 });
  });
});
