import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

/** The calls on screen that belong to the run that was started or opened last, and to those that it joined. */
export function callsOfShown({ runs }: App): LiveCell[] {
  return runs.cells.filter(({ head }) => runs.pool.includes(head.run));
}
