import type { Certificate } from '../../bindings/Certificate';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
/** How lanes are looked at: belongs to the window, not to the comparison. */
export class LaneView {
  view: 'answers' | 'diff' | 'requests' = $state('answers');
  /** Lane whose model is being chosen. */
  choosingModel: string | null = $state(null);
  /** Cell whose reasoning is unfolded, because a part of it is to be seen. */
  reasoningOf: string | null = $state(null);
  /** Address of a link that was pressed. */
  link: string | null = $state(null);
  /** What a server showed whose certificate is not trusted. */
  certificates: { host: string; chain: Certificate[] } | null = $state.raw(null);
  /** Cell whose request is taken apart by size. */
  sizeOf: LiveCell | null = $state.raw(null);
  #plain: Record<string, boolean> = $state({});
  #choice: Record<string, number> = $state({});

  isPlain(lane: string): boolean {
    return this.#plain[lane] ?? false;
  }

  togglePlain(lane: string): void {
    this.#plain[lane] = !this.isPlain(lane);
  }

  /** Which choice of a cell with several is on screen. */
  choiceOf(cell: string): number {
    return this.#choice[cell] ?? 0;
  }

  showChoice(cell: string, index: number): void {
    this.#choice[cell] = index;
  }
}

export const laneView = new LaneView();
