// How the figures of a lane differ from those of the base.
import type { Cell } from '../../bindings/Cell';
import { money, signed } from '../../lib/format';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

function between(own: number | null | undefined, base: number | null | undefined, digits: number): string {
  if (own === null || own === undefined || base === null || base === undefined) return '';
  return signed(rounded(own - base, digits));
}

/** One for each figure under a lane, in their order; empty where there is none to tell. */
export function deltas(cell: LiveCell | null, base: LiveCell | null): string[] {
  const [own, was] = [cell?.head ?? null, base?.head ?? null];
  if (!own || !was) return ['', '', '', ''];
  const first = ({ metrics, milestones }: Cell) => metrics.timeToFirstToken ?? milestones.firstText;
  return [
    between(first(own), first(was), 0),
    between(own.metrics.tokensPerSecond, was.metrics.tokensPerSecond, 1),
    between(tokens(own), tokens(was), 0),
    costDelta(own, was),
  ];
}

function tokens({ metrics }: Cell): number | null {
  return metrics.visibleTokens;
}

function costDelta({ metrics: own }: Cell, { metrics: was }: Cell): string {
  if (!own.cost) return own.visibleTokens === null ? '' : 'no price';
  if (!was.cost || was.cost.currency !== own.cost.currency) return '';
  const by = own.cost.amount - was.cost.amount;
  return by === 0 ? '0' : `${by > 0 ? '+' : ''}${money(by, own.cost.currency)}`;
}
