// How lanes are held against each other: belongs to the window, not to the comparison.
import { SvelteMap } from 'svelte/reactivity';
import type { RequestView } from '../../bindings/RequestView';
import type { Granularity } from '../../lib/word-diff';
import type { App } from '../../state/app.svelte';

export class DiffView {
  granularity: Granularity = $state('words');
  /** The lanes show the same repeat. */
  inStep = $state(true);
  /** What lanes without a call would send. */
  readonly previews = new SvelteMap<string, RequestView>();
  #base: string | null = $state(null);

  /** The lane that the others are held against: the first, until the person chose another. */
  base(app: App): string {
    const { lanes } = app.comparison.comparison;
    const chosen = lanes.find(({ id }) => id === this.#base) ?? lanes[0];
    return chosen?.id ?? '';
  }

  /** The request of a lane, as recorded or as it would be sent. */
  requestOf({ runs }: App, lane: string): RequestView | null {
    return runs.cellOfLane(lane)?.head.request ?? this.previews.get(lane) ?? null;
  }

  makeBase(app: App, lane: string): void {
    this.#base = lane;
    app.announce(`Lane ${app.comparison.letterOf(lane)} is the base`);
  }

  /** Which repeat of a lane is on screen, from 0. */
  sampleOf({ runs }: App, lane: string): number {
    const count = runs.dialoguesOfLane(lane).length;
    return Math.max(0, Math.min(runs.repeatShown[lane] ?? 0, count - 1));
  }

  /** Shows an earlier or later repeat of a lane; in step, of every lane that has it. */
  stepSample(app: App, lane: string, by: number): void {
    const { runs } = app;
    const count = runs.dialoguesOfLane(lane).length;
    const sample = this.sampleOf(app, lane) + by;
    if (sample < 0 || sample >= count) return;
    const lanes = this.inStep ? app.comparison.comparison.lanes.map(({ id }) => id) : [lane];
    for (const id of lanes) if (runs.dialoguesOfLane(id).length > 0) runs.repeatShown[id] = sample;
    app.announce(`Sample ${sample + 1} of ${count}`);
  }

  setInStep(app: App, inStep: boolean): void {
    this.inStep = inStep;
    if (!inStep) return;
    const { comparison, runs } = app;
    const sample = this.sampleOf(app, comparison.currentLane);
    for (const { id } of comparison.comparison.lanes)
      if (runs.dialoguesOfLane(id).length > 0) runs.repeatShown[id] = sample;
  }

  /** Why there is no earlier or later repeat to go to, or `null`. */
  sampleReason(app: App, lane: string, by: number): string | null {
    const count = app.runs.dialoguesOfLane(lane).length;
    if (count < 2) return 'There is one sample: set Repeat above 1 and run';
    const sample = this.sampleOf(app, lane) + by;
    return sample < 0 ? 'This is the first sample' : sample >= count ? 'This is the last sample' : null;
  }
}

export const diffView = new DiffView();
