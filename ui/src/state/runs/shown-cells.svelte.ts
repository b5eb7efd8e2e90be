// Which calls are on screen: lane by lane, and of a lane one repeat, and of that one step.
import { dialogues, newestOf } from './dialogues';
import type { LiveCell } from './live-cell.svelte';

/** How a lane stands, for its pip. */
export type LaneStanding = 'idle' | 'live' | 'done' | 'stopped' | 'failed';

export class ShownCells {
  /** Which repeat of a lane is on screen. */
  repeatShown: Record<string, number> = $state({});
  /** Which step of a dialogue was chosen, by the dialogue's first call; else the newest is on screen. */
  protected stepShown: Record<string, string> = $state({});
  protected lanes: Record<string, LiveCell[]> = $state.raw({});

  /** The calls of a lane, of every repeat and step; empty before its first run. */
  cellsOfLane(lane: string): LiveCell[] {
    return this.lanes[lane] ?? [];
  }

  /** The calls of a lane, a list of steps for each repeat. Without tools every list has one. */
  dialoguesOfLane(lane: string): LiveCell[][] {
    return dialogues(this.cellsOfLane(lane));
  }

  /** The steps of the repeat that is on screen. */
  dialogueOfLane(lane: string): LiveCell[] {
    const all = this.dialoguesOfLane(lane);
    return all[Math.min(this.repeatShown[lane] ?? 0, all.length - 1)] ?? [];
  }

  /** The call of a lane that is on screen. */
  cellOfLane(lane: string): LiveCell | null {
    const steps = this.dialogueOfLane(lane);
    const chosen = this.stepShown[steps[0]?.id ?? ''];
    return steps.find(({ id }) => id === chosen) ?? steps.at(-1) ?? null;
  }

  /** Puts one call of a lane on screen. A newer step takes the place of the newest, and of no other. */
  showCell(cell: LiveCell): void {
    const { lane } = cell.head;
    const all = this.dialoguesOfLane(lane);
    const at = all.findIndex((steps) => steps.includes(cell));
    const steps = all[at];
    if (!steps?.[0]) return;
    this.repeatShown[lane] = at;
    if (steps.at(-1) === cell) delete this.stepShown[steps[0].id];
    else this.stepShown[steps[0].id] = cell.id;
  }

  /** Every call on screen or beside it, lane by lane. */
  get cells(): LiveCell[] {
    return Object.values(this.lanes).flat();
  }

  standing(lane: string): LaneStanding {
    const cells = newestOf(this.cellsOfLane(lane));
    if (cells.length === 0) return 'idle';
    if (cells.some((cell) => cell.isLive || cell.isAsking)) return 'live';
    const kinds = cells.map((cell) => cell.settled);
    if (kinds.every((kind) => kind === 'finished')) return 'done';
    // What the person stopped is no failure.
    return kinds.every((kind) => kind === 'finished' || kind === 'stopped') ? 'stopped' : 'failed';
  }

  /** `finished`, `streaming`, `failed`, …; `ready` before the first run. */
  standingWord(lane: string): string {
    const newest = this.dialogueOfLane(lane).at(-1);
    if (newest?.isAsking) return 'asking tools';
    const kind = newest?.head.state.kind;
    if (!kind) return 'ready';
    return kind === 'endedEarly' ? 'ended early' : kind;
  }
}
