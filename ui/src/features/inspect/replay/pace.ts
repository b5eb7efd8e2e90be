import type { ReplayPace } from '../../../bindings/ReplayPace';
import type { LiveCell } from '../../../state/runs/live-cell.svelte';

/** The paces on offer, each with its words. */
export const paces: readonly { id: string; label: string; pace: ReplayPace }[] = [
  { id: 'real', label: '1×', pace: { kind: 'times', factor: 1 } },
  { id: 'fast', label: '10×', pace: { kind: 'times', factor: 10 } },
  { id: 'step', label: 'Step by step', pace: { kind: 'step' } },
  { id: 'atOnce', label: 'At once', pace: { kind: 'atOnce' } },
];

/** `1×`, `step by step`: as it stands in a sentence or a chip. */
export function paceWords(pace: ReplayPace): string {
  switch (pace.kind) {
    case 'times':
      return `${pace.factor}×`;
    case 'step':
      return 'step by step';
    case 'atOnce':
      return 'at once';
  }
}

/** Why a call cannot be replayed now, or `null`. */
export function replayReason(cell: LiveCell | null): string | null {
  if (!cell) return 'This lane has not run yet';
  if (cell.isLive) return 'The answer is still arriving';
  return cell.head.head === null ? 'Nothing was received, so there is nothing to replay' : null;
}
