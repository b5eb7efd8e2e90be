import type { App } from '../../state/app.svelte';
import { compareCells } from '../../state/restoring';

/** Two answers as lanes; a side without one is left out. */
export async function openBoth(app: App, cells: readonly (string | null)[], name: string): Promise<void> {
  try {
    const found = await Promise.all(cells.filter((id) => id !== null).map((id) => app.host.openCell(id)));
    await compareCells(
      app,
      found.map(({ cell }) => ({ run: cell.run, cell: cell.id, name })),
    );
  } catch (error) {
    app.report(error);
  }
}
