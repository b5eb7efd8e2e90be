// What a press of Run will cost, as far as the last call of each lane tells.
import type { Cell } from '../../bindings/Cell';
import { money, plural } from '../../lib/format';

export interface LaneCost {
  letter: string;
  /** Its last call that finished, if this session knows one. */
  last: Cell | null;
}

export interface Estimate {
  words: string;
  /** How it was reckoned. */
  tip: string;
}

export function estimate(lanes: readonly LaneCost[], repeats: number): Estimate {
  const calls = plural(lanes.length * repeats, 'call');
  const formula = `${plural(lanes.length, 'lane')} × ${plural(repeats, 'repeat')}`;
  const priced = lanes.filter(({ last }) => last?.metrics.cost);
  const currencies = new Set(priced.map(({ last }) => last?.metrics.cost?.currency));
  const [currency] = currencies;
  if (priced.length === 0 || currencies.size !== 1 || !currency) {
    return { words: calls, tip: `${formula}. What it costs is not known before a lane has run.` };
  }
  const amount = priced.reduce((sum, { last }) => sum + (last?.metrics.cost?.amount ?? 0), 0) * repeats;
  const without = lanes.filter(({ last }) => !last?.metrics.cost).map(({ letter }) => letter);
  const left =
    without.length === 0 ? '' : ` ${laneWords(without)} no price and ${without.length === 1 ? 'is' : 'are'} left out.`;
  return {
    words: `${calls}, ≈ ${money(amount, currency)}`,
    tip: `${formula}, at what the last call of each lane cost.${left}`,
  };
}

function laneWords(letters: readonly string[]): string {
  return letters.length === 1 ? `Lane ${letters[0]} has` : `Lanes ${letters.join(', ')} have`;
}
