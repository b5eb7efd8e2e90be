// Calls that belong together: the repeats of a lane, and in each the steps of a dialogue with tools.
import type { LiveCell } from './live-cell.svelte';

/**
 * One list for each repeat, in the order of its steps. Calls come in the order in which they were made: a later one of
 * the same step took the place of that and of all behind it.
 */
export function dialogues(cells: readonly LiveCell[]): LiveCell[][] {
  const byRepeat = new Map<string, LiveCell[]>();
  for (const cell of cells) {
    const { run, repeat, step } = cell.head;
    // Runs that are counted together have each a first repeat.
    const key = `${run} ${repeat}`;
    const before = (byRepeat.get(key) ?? []).filter(({ head }) => head.step < step);
    byRepeat.set(key, [...before, cell]);
  }
  return [...byRepeat.values()];
}

/** The newest call of each dialogue. */
export function newestOf(cells: readonly LiveCell[]): LiveCell[] {
  return dialogues(cells).flatMap((steps) => steps.at(-1) ?? []);
}
