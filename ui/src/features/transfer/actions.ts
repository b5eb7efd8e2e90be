import type { ExportFormat } from '../../bindings/ExportFormat';
import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { isLive } from '../../state/runs/live-cell.svelte';
import { exportRuns, formatNames } from './export';

export function transferActions(app: App): Action[] {
  const comparing = () => app.section === 'compare';
  const cell = () => app.runs.cellOfLane(app.comparison.currentLane);
  const runReason = () => {
    if (app.runs.shown === null) return 'There is no run yet';
    return app.runs.isLive ? 'The run is not over' : null;
  };
  const cellReason = () => {
    const shown = cell();
    if (!shown) return 'There is no answer yet';
    return isLive(shown.head) ? 'The answer is not complete' : null;
  };
  const ofRun = (format: ExportFormat): Action => ({
    id: `export.run.${format}`,
    title: `Export this run as ${formatNames[format]}`,
    group: 'Files',
    visible: comparing,
    disabledReason: runReason,
    run: () =>
      app.runs.shown === null ? undefined : exportRuns(app, { kind: 'runs', runs: [app.runs.shown] }, format),
  });
  const ofCell = (format: ExportFormat): Action => ({
    id: `export.answer.${format}`,
    title: `Export the answer of the current lane as ${formatNames[format]}`,
    group: 'Files',
    visible: comparing,
    disabledReason: cellReason,
    run: () => {
      const shown = cell();
      return shown ? exportRuns(app, { kind: 'cell', cell: shown.id }, format) : undefined;
    },
  });
  return [
    {
      id: 'import.open',
      title: 'Import a file or paste…',
      group: 'Files',
      run: () => app.openImport(),
    },
    ...(['har', 'jsonl', 'bundle'] as const).map(ofRun),
    ...(['har', 'jsonl', 'bundle', 'body'] as const).map(ofCell),
  ];
}
