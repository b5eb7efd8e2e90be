import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { compareCells, compareReason } from '../../state/restoring';
import { exportRuns, formatNames } from '../transfer/export';
import { historyView } from './history-view.svelte';

/** The different runs of rows, in their order. */
export function runsOf(rows: readonly { run: string }[]): string[] {
  return [...new Set(rows.map(({ run }) => run))];
}

export function historyActions(app: App): Action[] {
  const { history } = app;
  const here = () => app.section === 'history';
  const none = () => (history.chosenRows.length === 0 ? 'No call is chosen' : null);
  const runs = () => runsOf(history.chosenRows);
  return [
    {
      id: 'history.search',
      title: 'Search history',
      group: 'History',
      key: 'Ctrl+Shift+F',
      inText: true,
      run: () => {
        app.openSection('history');
        history.searchWanted += 1;
      },
    },
    {
      id: 'history.save',
      title: 'Save this search',
      group: 'History',
      visible: here,
      disabledReason: () => history.saved.reason(history.text),
      run: () => history.saved.save(history.text),
    },
    {
      id: 'history.find',
      title: 'Find in the preview',
      group: 'History',
      key: 'Ctrl+F',
      inText: true,
      visible: here,
      disabledReason: () => (history.currentRow ? null : 'No call is chosen'),
      run: () => historyView.find(),
    },
    {
      id: 'history.restore',
      title: 'Restore the chosen run',
      group: 'History',
      visible: here,
      disabledReason: () => (history.currentRow ? null : 'No call is chosen'),
      run: () => {
        const row = history.currentRow;
        return row ? app.openRun(row.run, row.cell) : undefined;
      },
    },
    {
      id: 'history.compare',
      title: 'Compare the chosen calls',
      group: 'History',
      visible: here,
      disabledReason: () => compareReason(history.chosenRows),
      run: () => compareCells(app, history.chosenRows),
    },
    {
      id: 'history.star',
      title: 'Star the chosen runs, or take the star away',
      group: 'History',
      visible: here,
      disabledReason: none,
      run: () => history.setStarred(runs(), !history.chosenRows.every(({ starred }) => starred)),
    },
    {
      id: 'history.delete',
      title: 'Delete the chosen runs',
      group: 'History',
      visible: here,
      disabledReason: () => none() ?? history.deleteReason(runs()),
      run: () => history.delete(runs()),
    },
    ...(['har', 'jsonl', 'bundle'] as const).map((format): Action => ({
      id: `history.export.${format}`,
      title: `Export the chosen runs as ${formatNames[format]}`,
      group: 'History',
      visible: here,
      disabledReason: none,
      run: () => exportRuns(app, { kind: 'runs', runs: runs() }, format),
    })),
  ];
}
