// Which parameters a matrix can vary, and what a person may begin with.
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { ParameterSpec } from '../../bindings/ParameterSpec';
import type { App } from '../../state/app.svelte';
import { tableOf } from './plan-lanes';

/** Those that the models of the plan document, in the order of the form, and those that the draft sends besides. */
export function axisParameters(app: App, plan: MatrixPlan): ParameterSpec['name'][] {
  const lanes = plan.comparison.lanes.filter(({ muted }) => !muted);
  const names = lanes.flatMap((lane) => tableOf(app, lane).parameters.map(({ name }) => name));
  const sent = plan.comparison.draft.parameters.map(({ name }) => name);
  const typed = plan.axes.map(({ parameter }) => parameter).filter((name) => name !== '');
  return [...new Set([...names, ...sent, ...typed])];
}

export function specOf(app: App, plan: MatrixPlan, name: string): ParameterSpec | null {
  for (const lane of plan.comparison.lanes) {
    const found = tableOf(app, lane).parameters.find((spec) => spec.name === name);
    if (found) return found;
  }
  return null;
}

/** Values to begin with, as they are typed. */
export function firstValues(spec: ParameterSpec | null, sent: string | null): string {
  const kind = spec?.kind;
  if (kind?.kind === 'boolean') return 'true, false';
  if (kind?.kind === 'number') {
    const most = Math.min(1, kind.maximum ?? 1);
    return kind.minimum !== null && kind.minimum < 0 ? `${kind.minimum}, 0, ${most}` : `0..${most} step ${most / 2}`;
  }
  if (kind && 'suggestions' in kind && kind.suggestions.length > 1) return kind.suggestions.slice(0, 3).join(', ');
  return sent === null ? '' : `${sent}, unset`;
}
