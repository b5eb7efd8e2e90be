// How the answer on screen stands against the checks of its run, or against those of now.
import type { CheckResult } from '../../bindings/CheckResult';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { checksView } from './checks-view.svelte';
import { judgesView } from './judges-view.svelte';

export interface CellChecks {
  /** Empty until the call is over, and where its run has no checks. */
  readonly results: readonly CheckResult[];
}

/** Call while a component is made. */
export function useCellChecks(app: App, cell: () => LiveCell | null): CellChecks {
  let answer = $state.raw<{ cell: string; results: CheckResult[] } | null>(null);
  const asked = $derived.by(() => {
    const shown = cell();
    if (!shown || shown.isGrowing) return null;
    const checks = app.runs.pool.includes(shown.head.run) ? checksView.held(app) : [];
    const began = app.runs.snapshotOf(shown.head.run)?.draft.checks ?? [];
    return checks.length + began.length > 0 ? shown.id : null;
  });
  $effect(() => {
    const id = asked;
    void judgesView.heard;
    if (id === null) return;
    const { head } = cell()!;
    const checks = app.runs.pool.includes(head.run) ? checksView.asked(app) : null;
    let isOld = false;
    app.host.checkCell(id, checks).then(
      (results) => {
        if (!isOld) answer = { cell: id, results };
      },
      (error: unknown) => app.report(error),
    );
    return () => (isOld = true);
  });
  return {
    get results() {
      return answer && answer.cell === asked ? answer.results : [];
    },
  };
}
