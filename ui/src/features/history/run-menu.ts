// What can be done with past runs, the same wherever they are listed.
import type { SearchRow } from '../../bindings/SearchRow';
import type { RunSummary } from '../../bindings/RunSummary';
import type { MenuItem } from '../../components/Menu.svelte';
import type { App } from '../../state/app.svelte';
import { compareCells, compareReason } from '../../state/restoring';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { replayReason } from '../inspect/replay/pace';
import { replayView } from '../inspect/replay/replay-view.svelte';
import { testRowItem } from '../test-rows/actions';
import { exportItems } from '../transfer/export';
import { runsOf } from './actions';

function keepItems(app: App, runs: readonly string[], starred: boolean): MenuItem[] {
  return [
    {
      label: starred ? 'Take the star away' : 'Star',
      icon: starred ? 'starred' : 'star',
      keys: ['S'],
      separated: true,
      run: () => void app.history.setStarred(runs, !starred),
    },
  ];
}

function deleteItem(app: App, runs: readonly string[]): MenuItem {
  return {
    label: runs.length === 1 ? 'Delete run' : `Delete ${runs.length} runs`,
    icon: 'trash',
    keys: ['Del'],
    danger: true,
    separated: true,
    disabledReason: app.history.deleteReason(runs),
    run: () => void app.history.delete(runs),
  };
}

/** For a row of the list of recent runs. */
export function runMenu(app: App, run: RunSummary): MenuItem[] {
  return [
    { label: 'Restore', icon: 'reset', keys: ['Enter'], run: () => void app.openRun(run.id) },
    ...keepItems(app, [run.id], run.starred),
    ...exportItems(app, [run.id], null),
    deleteItem(app, [run.id]),
  ];
}

/** For the calls that are chosen in the history. */
export function callsMenu(app: App, row: SearchRow, chosen: readonly SearchRow[], call: LiveCell | null): MenuItem[] {
  const rows = chosen.some(({ cell }) => cell === row.cell) ? chosen : [row];
  const runs = runsOf(rows);
  return [
    { label: 'Restore', icon: 'reset', keys: ['Enter'], run: () => void app.openRun(row.run, row.cell) },
    {
      label: rows.length > 1 ? `Compare ${rows.length} calls` : 'Compare',
      icon: 'compare',
      disabledReason: compareReason(rows),
      run: () => void compareCells(app, rows).catch((error: unknown) => app.report(error)),
    },
    ...keepItems(
      app,
      runs,
      rows.every(({ starred }) => starred),
    ),
    {
      ...testRowItem(app, row.cell, rows.length > 1 ? 'Choose one call' : null),
      separated: true,
    },
    ...exportItems(app, runs, rows.length === 1 ? row.cell : null),
    {
      label: 'Serve on this computer…',
      icon: 'globe',
      separated: true,
      disabledReason: replayReason(call),
      run: () => (replayView.serving = call),
    },
    deleteItem(app, runs),
  ];
}
