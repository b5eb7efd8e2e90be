import { describe, expect, it } from 'vitest';
import { markHits, termsOf } from './hits';

const marked = (text: string, query: string) =>
  markHits(text, termsOf(query))
    .map((part) => (part.hit ? `[${part.text}]` : part.text))
    .join('');

describe('hits', () => {
  it.each([
    ['Votre Remboursement arrive', 'remboursement', 'Votre [Remboursement] arrive'],
    ['déjà vu', 'DEJA', '[déjà] vu'],
    ['de\u0301ja\u0300 vu', 'déjà', '[de\u0301ja\u0300] vu'],
    ['remboursé et remboursement', 'rembourse', '[remboursé] et [remboursement]'],
    ['remboursé et remboursement', 'rembourse ', '[remboursé] et remboursement'],
    ['the rear light, rear lights', '"rear light"', 'the [rear light], rear lights'],
    ['a rear/light', '"rear light"', 'a [rear/light]'],
    ['日本 の 光', '光', '日本 の [光]'],
    ['light 💡 light', 'light', '[light] 💡 [light]'],
    ['nothing here', '-nothing has:tool', 'nothing here'],
    ['', 'light', ''],
    ['light', '', 'light'],
  ])('%j with %j', (text, query, wanted) => {
    expect(marked(text, query)).toBe(wanted);
  });

  it('lose nothing of the text', () => {
    const text = 'Größe “12 €”\n\tİstanbul ﬁx \u0000 end';
    expect(
      markHits(text, termsOf('grosse istanbul 12 end'))
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });
});
