// How the answer on screen stands against the checks of its run.
import type { CheckResult } from '../../bindings/CheckResult';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

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
    const checks = app.runs.snapshotOf(shown.head.run)?.draft.checks ?? [];
    return checks.length > 0 ? shown.id : null;
  });
  $effect(() => {
    const id = asked;
    if (id === null) return;
    let isOld = false;
    app.host.checkCell(id).then(
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
