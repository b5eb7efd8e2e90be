// Calls that belong together: the repeats of a lane, and in each the steps of a dialogue with tools.
import type { LiveCell } from './live-cell.svelte';

/** One list for each repeat, in the order of its steps, without those that left when an answer before them was answered anew. */
export function dialogues(cells: readonly LiveCell[]): LiveCell[][] {
  const byRepeat = new Map<number, LiveCell[]>();
  // A step that left is shown all the same where nothing else is, as when calls of several runs stand side by side.
  const staying = cells.filter(({ head }) => head.replaced === null);
  for (const cell of staying.length > 0 ? staying : cells) {
    const { repeat, step } = cell.head;
    const before = (byRepeat.get(repeat) ?? []).filter(({ head }) => head.step < step);
    byRepeat.set(repeat, [...before, cell]);
  }
  return [...byRepeat.values()];
}

/** The newest call of each dialogue. */
export function newestOf(cells: readonly LiveCell[]): LiveCell[] {
  return dialogues(cells).flatMap((steps) => steps.at(-1) ?? []);
}
