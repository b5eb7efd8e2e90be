import type { MenuItem } from '../../components/Menu.svelte';
import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { testRowView } from './test-row-view.svelte';

/** The menu entry for a call; `reason` keeps it from being used. */
export function testRowItem(app: App, cell: string | null, reason: string | null): MenuItem {
  return {
    label: 'Make a test row…',
    icon: 'table',
    disabledReason: reason,
    run: () => {
      if (cell !== null) void testRowView.open(app, cell);
    },
  };
}

/** The call that is meant by the palette: that of the current lane, or the one that is chosen in the history. */
function meant(app: App): { cell: string | null; reason: string | null } {
  if (app.section === 'history') {
    const cell = app.history.currentRow?.cell ?? null;
    return { cell, reason: cell === null ? 'No call is chosen' : null };
  }
  const call = app.comparison.isOpen ? app.runs.cellOfLane(app.comparison.currentLane) : null;
  if (!call) return { cell: null, reason: 'There is no answer yet' };
  return { cell: call.id, reason: call.isGrowing ? 'The answer is not complete' : null };
}

export function testRowActions(app: App): Action[] {
  return [
    {
      id: 'testRow.make',
      title: 'Make a test row…',
      group: 'Lanes',
      visible: () => app.section === 'compare' || app.section === 'history',
      disabledReason: () => meant(app).reason,
      run: () => {
        const { cell } = meant(app);
        if (cell !== null) void testRowView.open(app, cell);
      },
    },
  ];
}
