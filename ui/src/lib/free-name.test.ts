import { expect, it } from 'vitest';
import { freeName } from './free-name';

it('is the name itself, or the first number that is free', () => {
  expect(freeName('Ås', [])).toBe('Ås');
  expect(freeName('Ås', ['Ås', 'Ås 2', 'Ås 4'])).toBe('Ås 3');
  expect(freeName('Ås 2', ['Ås'])).toBe('Ås 2');
});
