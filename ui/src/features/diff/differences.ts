// Stepping through what differs in a lane: keys of its request first, then its answer, as they stand.
import type { App } from '../../state/app.svelte';
import { diffView } from './diff-view.svelte';

function differencesIn(lane: string): HTMLElement[] {
  return [...(document.getElementById(`lane-${lane}`)?.querySelectorAll<HTMLElement>('[data-difference]') ?? [])];
}

/** The current lane, or of the base, which differs from nothing, the first other one. */
function steppedLane(app: App): string | null {
  const { comparison } = app;
  const base = diffView.base(app);
  if (comparison.currentLane !== base) return comparison.currentLane;
  return comparison.comparison.lanes.find(({ id }) => id !== base)?.id ?? null;
}

export function differencesReason(app: App): string | null {
  const lane = steppedLane(app);
  if (lane === null) return 'Add a lane to hold against the base';
  return differencesIn(lane).length === 0 ? 'The lane does not differ from the base' : null;
}

/** Goes to the next difference (1) or the previous one (-1), from the end back to the beginning. */
export function stepDifference(app: App, by: 1 | -1): void {
  const lane = steppedLane(app);
  if (lane === null) return;
  const all = differencesIn(lane);
  if (all.length === 0) return;
  const here = all.findIndex((one) => one === document.activeElement);
  const next = here < 0 ? (by === 1 ? 0 : all.length - 1) : (here + by + all.length) % all.length;
  all[next]!.focus({ preventScroll: true });
  all[next]!.scrollIntoView?.({ block: 'center', inline: 'nearest' });
  app.announce(`Difference ${next + 1} of ${all.length}`);
}
