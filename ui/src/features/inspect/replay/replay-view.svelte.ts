import type { LiveCell } from '../../../state/runs/live-cell.svelte';

/** What of replays belongs to the window and not to a call. */
class ReplayView {
  /** The call whose recording is about to be served on this computer. */
  serving: LiveCell | null = $state.raw(null);
}

export const replayView = new ReplayView();
