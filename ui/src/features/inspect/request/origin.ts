import type { Comparison } from '../../../bindings/Comparison';
import type { SentKey } from '../../../bindings/SentKey';
import { plural } from '../../../lib/format';

/** What the words about a key are made from. */
export interface OriginFacts {
  /** Letter of the lane that sends it. */
  letter: string;
  isBase: boolean;
  /** The draft that the request was made from. */
  comparison: Comparison;
}

/** What the messages become, by endpoint. */
const CONTENTS = new Set(['messages', 'input', 'prompt', 'args']);

/** Longest value that stands in the words whole. */
const SHORT = 16;

/** Where a key of a request came from: `lane B, base has 0.2`, `shared, 4 variables filled`, `base`. */
export function originOf(key: SentKey, { letter, isBase, comparison }: OriginFacts): string {
  if (key.origin === 'edited') return 'edited by hand';
  if (key.origin === 'dialogue') return 'from the dialogue';
  const lane = `lane ${letter}`;
  if (CONTENTS.has(key.name) && key.json === '') {
    const whose = key.origin === 'lane' ? lane : 'shared';
    return key.filled > 0 ? `${whose}, ${plural(key.filled, 'variable')} filled` : whose;
  }
  if (key.name === 'model') return lane;
  if (key.origin === 'carried') return 'carried over';
  const extra = key.extra ? ', extra key' : '';
  if (key.origin === 'draft') return `base${extra}`;
  if (isBase) return `${lane}${extra}`;
  if (key.baseJson !== null) {
    const json = key.baseJson.length > SHORT ? `${key.baseJson.slice(0, SHORT - 1)}…` : key.baseJson;
    return `${lane}, base has ${json}${extra}`;
  }
  if (key.extra) return `${lane}${extra}`;
  const baseHas = comparison.draft.parameters.some(({ name }) => name === key.name);
  return baseHas ? lane : `${lane}, base has none`;
}
