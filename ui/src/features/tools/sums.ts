// What a dialogue took and used, all its steps together.
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { count, dash, duration, money, plural } from '../../lib/format';

export interface Sums {
  words: string;
  tip: string;
}

const known = (values: readonly (number | null | undefined)[]) => values.filter((value) => typeof value === 'number');
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** `3 steps, 412 tok, $0.0012, 4.20 s`; a figure that one step lacks is a dash, and a cost is left out. */
export function sumsOf(steps: readonly LiveCell[]): Sums {
  const heads = steps.map(({ head }) => head);
  const all = (values: readonly (number | null | undefined)[]) =>
    known(values).length === steps.length ? total(known(values)) : null;
  const output = all(
    heads.map(({ metrics }) =>
      metrics.visibleTokens === null ? null : metrics.visibleTokens + (metrics.reasoningTokens ?? 0),
    ),
  );
  const input = all(heads.map(({ metrics }) => metrics.inputTokens));
  const isEstimated = heads.some(({ metrics }) => metrics.estimated);
  const costs = heads.map(({ metrics }) => metrics.cost);
  const currencies = new Set(costs.map((cost) => cost?.currency));
  const cost = currencies.size === 1 ? all(costs.map((one) => one?.amount)) : null;
  const calls = all(steps.map((step) => (step.isLive ? null : step.elapsed())));
  const tools = total(heads.map(({ results }) => Math.max(0, ...known(results.map((one) => one.elapsedMs)))));
  const mark = isEstimated ? '≈ ' : '';
  const price =
    cost === null ? dash : `${costs.some((one) => one?.estimated) ? '≈ ' : ''}${money(cost, costs[0]?.currency)}`;
  return {
    words: [
      plural(steps.length, 'step'),
      output === null ? `${dash} tok` : `${mark}${count(output)} tok`,
      ...(cost === null ? [] : [price]),
      duration(calls),
    ].join(', '),
    tip: [
      `${plural(steps.length, 'answer')} together`,
      `tokens: ${count(input)} in, ${mark}${count(output)} out`,
      `cost: ${cost === null ? 'unknown' : price}`,
      `time of the calls: ${duration(calls)}`,
      ...(tools > 0 ? [`waiting for tools: ${duration(tools)}`] : []),
    ].join('\n'),
  };
}
