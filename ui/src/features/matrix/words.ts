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

/** Why a cell whose run was deleted cannot be opened. */
export const GONE = 'Its run was deleted from the history, so there is nothing to open';

/** Cells that were not sent, or have to be sent again. */
export function missingOf(counts: MatrixCounts): number {
  return Math.max(0, counts.total - overOf(counts) - counts.inFlight);
}

/** What going on would do: cells to send, and answers about which a judge is still to be asked. */
export function leftOf({ state, counts }: Pick<Matrix, 'state' | 'counts'>): number {
  return missingOf(counts) + (state === 'finished' ? 0 : counts.notJudged);
}

/** `302 missing cells, 2 answers to judge`. */
export function leftWords({ counts }: Pick<Matrix, 'counts'>): string {
  const missing = missingOf(counts);
  const parts = missing > 0 || counts.notJudged === 0 ? [plural(missing, 'missing cell')] : [];
  if (counts.notJudged > 0) parts.push(plural(counts.notJudged, 'answer to judge', 'answers to judge'));
  return parts.join(', ');
}

/** What is on the button that goes on. */
export function goOnWords({ counts }: Pick<Matrix, 'counts'>): string {
  const missing = missingOf(counts);
  return missing > 0 ? `Go on with ${count(missing)}` : `Judge ${plural(counts.notJudged, 'answer')}`;
}

/** What is on the button that tries again; null where nothing failed. */
export function retryWords({ state, counts }: Pick<Matrix, 'state' | 'counts'>): string | null {
  if (counts.failed > 0) return `Retry ${plural(counts.failed, 'failure')}`;
  return state === 'finished' && counts.notJudged > 0 ? `Judge ${plural(counts.notJudged, 'answer')}` : null;
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

/** The calls of judges beside those of the cells; empty without judges. */
export function judgeWords({ judgeCalls }: MatrixCount): string {
  return judgeCalls === 0 ? '' : `and ${plural(judgeCalls, 'call of judges', 'calls of judges')}, `;
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
      return `${plan.name} stopped: its budget is spent. Left: ${leftWords({ counts })}`;
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
