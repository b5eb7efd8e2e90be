// What the states of a matrix are called, and how its figures are said.
import type { Matrix } from '../../bindings/Matrix';
import type { MatrixBase } from '../../bindings/MatrixBase';
import type { MatrixCount } from '../../bindings/MatrixCount';
import type { MatrixCounts } from '../../bindings/MatrixCounts';
import type { MatrixState } from '../../bindings/MatrixState';
import type { PassRate } from '../../bindings/PassRate';
import type { StateLook } from '../../components/JobOption.svelte';
import { count, money, plural } from '../../lib/format';

export const STATES: Record<MatrixState, StateLook> = {
  draft: { word: 'Draft', tone: 'plain', icon: 'pencil' },
  running: { word: 'Running', tone: 'modified', icon: 'dot' },
  paused: { word: 'Paused', tone: 'plain', icon: 'pause' },
  interrupted: { word: 'Interrupted', tone: 'warn', icon: 'alert' },
  overBudget: { word: 'Over budget', tone: 'warn', icon: 'warn' },
  finished: { word: 'Finished', tone: 'ok', icon: 'circlecheck' },
};

export function overOf({ finished, failed }: MatrixCounts): number {
  return finished + failed;
}

/** Cells that were not sent, or have to be sent again. */
export function missingOf(counts: MatrixCounts): number {
  return Math.max(0, counts.total - overOf(counts) - counts.inFlight);
}

export function progressName(counts: MatrixCounts): string {
  return `${counts.finished} finished, ${counts.failed} failed, ${counts.inFlight} in flight, ${missingOf(counts)} missing`;
}

/** `1,471 of 1,800`, `1,800, 3 failed`. */
export function countWords({ state, counts }: Pick<Matrix, 'state' | 'counts'>): string {
  const { total, failed } = counts;
  if (state === 'draft') return total === 0 ? '' : plural(total, 'call');
  if (state === 'finished') return failed > 0 ? `${count(total)}, ${count(failed)} failed` : count(total);
  return `${count(overOf(counts))} of ${count(total)}`;
}

/** The factors of a count: `3 prompts`, `2 models`, … */
export function factors({ prompts, lanes, values, rows, repeats }: MatrixCount): string[] {
  return [
    plural(prompts, 'prompt'),
    plural(lanes, 'model'),
    plural(values, 'value'),
    plural(rows, 'row'),
    plural(repeats, 'repeat'),
  ];
}

/** What all calls may cost, as far as it is known. */
export function costWords({ costAtMost, costIn, currency }: MatrixCount): string {
  if (costIn === null || currency === null) return 'cost not known';
  if (costAtMost === null) return `${money(costIn, currency)} for the input alone`;
  return `at most ${money(costAtMost, currency)}`;
}

/** What is said when a matrix stands still. */
export function endWords({ plan, state, counts }: Pick<Matrix, 'plan' | 'state' | 'counts'>): string | null {
  const failed = counts.failed > 0 ? `, ${count(counts.failed)} failed` : '';
  switch (state) {
    case 'finished':
      return `${plan.name} finished, ${count(counts.finished)} of ${count(counts.total)} cells${failed}`;
    case 'overBudget':
      return `${plan.name} stopped: its budget is spent. ${plural(missingOf(counts), 'cell is', 'cells are')} missing`;
    case 'paused':
      return `${plan.name} is paused, ${count(overOf(counts))} of ${count(counts.total)} cells are over`;
    default:
      return null;
  }
}

/** `83.3 %` of those that could be judged. */
export function rateOf(rate: PassRate | null): number | null {
  return rate === null || rate.total === 0 ? null : rate.passed / rate.total;
}

export const baseKey = (base: MatrixBase): string =>
  base.kind === 'variant' ? `variant:${base.index}` : `matrix:${base.id}`;

export function baseFrom(key: string): MatrixBase {
  const [kind, ...rest] = key.split(':');
  return kind === 'matrix' ? { kind, id: rest.join(':') } : { kind: 'variant', index: Number(rest[0]) };
}
