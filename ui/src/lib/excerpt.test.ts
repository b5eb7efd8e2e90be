import { describe, expect, it } from 'vitest';
import { excerpt } from './excerpt';

describe('the name of a text', () => {
  it('is its first words, as many as fit, without a mark at their end', () => {
    expect(excerpt('  A low cliff,\n no “text” at all in this picture')).toBe('A low cliff, no “text” at all in');
    expect(excerpt('Calm sea.')).toBe('Calm sea');
    expect(excerpt('')).toBe('');
  });

  it('cuts a word that is too long between two characters', () => {
    expect(excerpt('🌊'.repeat(60))).toBe('🌊'.repeat(32));
  });
});
