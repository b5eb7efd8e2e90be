/** What the live region says of a run: a start and an end for each lane, or one line for many lanes. */
import type { Cell } from '../../bindings/Cell';
import type { LiveCell } from './live-cell.svelte';
import { isLive } from './live-cell.svelte';
import { laneLetter } from '../comparison/lanes';

/** Above this many calls a run is told as a whole. */
const FEW = 3;

export function started(cells: readonly LiveCell[]): string[] {
  if (cells.length > FEW) return [`${cells.length} calls generating`];
  return cells.map((cell) => `${laneName(cell.head)} generating`);
}

/** Says nothing for a cell of a large run until its last one is over, nor for a step of a dialogue that goes on by itself. */
export function ended(cell: LiveCell, run: readonly LiveCell[], goesOn = false): string | null {
  if (goesOn) return null;
  if (run.length <= FEW) return `${laneName(cell.head)} ${ending(cell)}`;
  if (run.some((other) => isLive(other.head))) return null;
  const finished = run.filter((other) => other.head.state.kind === 'finished').length;
  const rest = run.length - finished;
  return rest === 0 ? `${finished} calls finished` : `${finished} calls finished, ${rest} not`;
}

export function countdown(cell: Cell, seconds: number): string {
  return `${laneName(cell)}: trying again in ${seconds} s`;
}

export function laneName(cell: Cell): string {
  return `Lane ${laneLetter(cell.laneIndex)}`;
}

function ending(cell: LiveCell): string {
  const { head } = cell;
  switch (head.state.kind) {
    case 'failed': {
      const error = head.error;
      if (error?.kind !== 'rejected') return 'failed';
      const parameter = error.fields.find((field) => field.parameter)?.parameter;
      return `failed, ${error.status}${parameter ? `, ${parameter}` : ''}`;
    }
    case 'finished': {
      const tokens = head.metrics.visibleTokens;
      return tokens === null ? 'finished' : `finished, ${tokens} ${tokens === 1 ? 'token' : 'tokens'}`;
    }
    case 'endedEarly':
      return 'ended early';
    default:
      return head.state.kind;
  }
}
