/** Three ways to colour tokens: each turns a token into a step of the heat scale, a height, and words. */
import type { Token } from '../../../bindings/Token';
import { duration, share } from '../../../lib/format';

export type ColourBy = 'probability' | 'entropy' | 'arrival';

export interface TokenScale {
  /** Words at the two ends of the legend. */
  calm: string;
  striking: string;
  /** Labels of the picture, from its top to its foot. */
  labels: [string, string, string];
  /** 0 to 4, or `null` when nothing is known. */
  step(index: number): number | null;
  /** 0 to 1. */
  height(index: number): number | null;
  words(index: number): string;
}

/** The lowest step whose limit is not passed; `limits` fall. */
function below(value: number, limits: readonly number[]): number {
  const step = limits.findIndex((limit) => value >= limit);
  return step < 0 ? limits.length : step;
}

/** The same for limits that rise. */
function above(value: number, limits: readonly number[]): number {
  const step = limits.findIndex((limit) => value <= limit);
  return step < 0 ? limits.length : step;
}

export function probabilityOf(token: Token): number | null {
  return token.logprob === null ? null : Math.exp(token.logprob);
}

export function scaleBy(by: ColourBy, tokens: readonly Token[]): TokenScale {
  switch (by) {
    case 'probability':
      return probabilityScale(tokens);
    case 'entropy':
      return entropyScale(tokens);
    case 'arrival':
      return arrivalScale(tokens);
  }
}

function probabilityScale(tokens: readonly Token[]): TokenScale {
  const value = (index: number) => probabilityOf(tokens[index]!);
  return {
    calm: 'sure',
    striking: 'surprised',
    labels: ['100', '50', '0 %'],
    step: (index) => known(value(index), (chance) => below(chance, [0.9, 0.7, 0.5, 0.3])),
    height: value,
    words: (index) => known(value(index), share) ?? 'no log probability',
  };
}

function entropyScale(tokens: readonly Token[]): TokenScale {
  const value = (index: number) => tokens[index]!.entropy;
  const most = tokens.reduce((bits, token) => Math.max(bits, token.entropy ?? 0), 2);
  const top = Math.ceil(most);
  return {
    calm: 'settled',
    striking: 'open',
    labels: [String(top), String(top / 2), '0 bits'],
    step: (index) => known(value(index), (bits) => above(bits, [0.5, 1, 1.5, 2])),
    height: (index) => known(value(index), (bits) => bits / top),
    words: (index) => known(value(index), (bits) => `${bits.toFixed(2)} bits`) ?? 'no alternatives',
  };
}

function arrivalScale(tokens: readonly Token[]): TokenScale {
  const gaps = tokens.map((token, index) => {
    const before = tokens[index - 1]?.at ?? null;
    return token.at === null || before === null ? null : token.at - before;
  });
  const later = gaps.filter((gap): gap is number => gap !== null && gap > 0).sort((a, b) => a - b);
  const median = later[later.length >> 1] ?? 0;
  const log = (gap: number) => Math.max(0, Math.min(1, Math.log10(Math.max(gap, 1)) / 3));
  return {
    calm: 'at once',
    striking: 'late',
    labels: ['1 s', '32', '1 ms'],
    step: (index) =>
      known(gaps[index]!, (gap) =>
        above(
          gap,
          [1.5, 2.5, 4, 8].map((factor) => factor * median),
        ),
      ),
    height: (index) => known(gaps[index]!, log),
    words: (index) => known(gaps[index]!, (gap) => `${duration(gap)} after the one before`) ?? 'the first',
  };
}

function known<Given, Answer>(value: Given | null | undefined, use: (value: Given) => Answer): Answer | null {
  return value === null || value === undefined ? null : use(value);
}
