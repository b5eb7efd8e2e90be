// Calls as the app tells of them: batches are queued as they come, taken in once a frame, and acknowledged. A call that
// missed an update is asked for as a whole.
import type { Batch } from '../../bindings/Batch';
import type { Cell } from '../../bindings/Cell';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { Comparison } from '../../bindings/Comparison';
import type { Run } from '../../bindings/Run';
import type { RunSummary } from '../../bindings/RunSummary';
import type { Host } from '../../platform/host';
import { LiveCell } from './live-cell.svelte';
import { painter, type Source } from './painter';
import { ShownCells } from './shown-cells.svelte';

/** A run that another section shows. */
interface Apart {
  run: Run;
  cells: LiveCell[];
}

/** Updates kept for a cell whose run has not been returned yet. */
const EARLY_UPDATES = 2_000;

/** Batches that share an acknowledgement; far fewer than may travel without one. */
const ACKNOWLEDGE_AFTER = 8;

export abstract class ReceivedCalls extends ShownCells implements Source {
  /** Called with the rows of runs that changed, so that the list follows. */
  onRuns: ((rows: RunSummary[]) => void) | null = null;
  /** Every call that is kept up to date. */
  protected readonly calls = new Map<string, LiveCell>();
  protected readonly callsOfRun = new Map<string, LiveCell[]>();

  #queue: Batch[] = [];
  /** Runs that were asked for and have not been returned. */
  #starting = 0;
  #early = new Map<string, CellUpdate[]>();
  /** Cells that missed an update and wait for the whole, with what came since. */
  #behind = new Map<string, CellUpdate[]>();
  #acknowledged = 0;
  #applied = 0;
  #acknowledging: ReturnType<typeof setTimeout> | undefined;
  #dirty = new Set<LiveCell>();
  /** Runs of other sections: their calls are kept up to date here and stand in no lane. */
  #apart = new Set<string>();

  constructor(protected readonly host: Host) {
    super();
  }

  /** State, outcome or figures of a call have changed. */
  protected abstract headChanged(cell: LiveCell, before: Cell): void;

  /** Takes in the next step of a dialogue, unless it is here already. */
  abstract addStep(head: Cell): LiveCell;

  /** Lets go of calls that nobody shows any more. */
  protected abstract forget(): void;

  /** Listens for batches; once, when the page opens. */
  async listen(): Promise<void> {
    await this.host.subscribe((batch) => this.receive(batch));
  }

  // ---- starting

  protected startBegan(): void {
    this.#starting += 1;
  }

  protected startEnded(): void {
    this.#starting -= 1;
    if (this.#starting === 0) this.#early.clear();
  }

  // ---- runs that another section shows

  /** Starts every lane of a comparison that is not the one on screen. Throws what the host throws. */
  async startApart(comparison: Comparison): Promise<Apart> {
    this.startBegan();
    try {
      return this.#keepApart(await this.host.startRun(comparison, null));
    } finally {
      this.startEnded();
    }
  }

  /** Reads a past run for a section that shows it. Throws what the host throws. */
  async openApart(id: string): Promise<Apart> {
    const apart = this.#keepApart(await this.host.openRun(id));
    await Promise.all(apart.cells.filter((cell) => cell.isLive).map((cell) => this.catchUp(cell)));
    return apart;
  }

  /** The section shows it no longer. */
  leaveApart(run: string): void {
    this.#apart.delete(run);
    this.forget();
  }

  protected isApart(run: string): boolean {
    return this.#apart.has(run);
  }

  /** The calls of all runs that other sections show. */
  protected get apart(): LiveCell[] {
    return [...this.#apart].flatMap((run) => this.callsOfRun.get(run) ?? []);
  }

  #keepApart(run: Run): Apart {
    const cells = run.cells.map((cell) => this.calls.get(cell.id) ?? new LiveCell(cell));
    this.#apart.add(run.summary.id);
    this.callsOfRun.set(run.summary.id, cells);
    for (const cell of cells) this.calls.set(cell.id, cell);
    this.takeEarly(cells);
    this.onRuns?.([run.summary]);
    this.flush();
    return { run, cells };
  }

  /** Updates that overtook the answer that named these calls. */
  protected takeEarly(cells: readonly LiveCell[]): void {
    for (const cell of cells) {
      const early = this.#early.get(cell.id);
      this.#early.delete(cell.id);
      for (const update of early ?? []) this.update(cell, update);
    }
  }

  /** Takes no update of a call in while `ask` brings the whole of it; those that come meanwhile are taken in after. */
  protected async renewed(cell: LiveCell, ask: () => Promise<{ cell: Cell; sequence: number }>): Promise<void> {
    const waiting: CellUpdate[] = [];
    this.#behind.set(cell.id, waiting);
    try {
      const snapshot = await ask();
      cell.restore(snapshot.cell, snapshot.sequence);
      this.#dirty.add(cell);
    } finally {
      this.#behind.delete(cell.id);
    }
    for (const update of waiting) this.update(cell, update);
    this.flush();
  }

  // ---- batches

  /** Puts a batch in line for the next frame. */
  receive(batch: Batch): void {
    this.#queue.push(batch);
    painter.take(this);
  }

  /** Takes in everything that is in line, and acknowledges the newest. */
  take(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    let newest = this.#applied;
    for (const batch of queue) {
      for (const update of batch.updates) this.#updateById(update);
      if (batch.runs) this.onRuns?.(batch.runs);
      newest = Math.max(newest, batch.number);
    }
    this.flush();
    this.#applied = newest;
    if (newest - this.#acknowledged >= ACKNOWLEDGE_AFTER) this.#acknowledge();
    else if (newest !== this.#acknowledged) this.#acknowledging ??= setTimeout(() => this.#acknowledge(), 200);
  }

  /** Each acknowledgement crosses three processes, so several batches share one. */
  #acknowledge(): void {
    clearTimeout(this.#acknowledging);
    this.#acknowledging = undefined;
    if (this.#applied === this.#acknowledged) return;
    this.#acknowledged = this.#applied;
    this.host.acknowledge(this.#applied).catch((error: unknown) => console.warn('a batch was not acknowledged', error));
  }

  protected flush(): void {
    for (const cell of this.#dirty) cell.flush();
    this.#dirty.clear();
  }

  #updateById(update: CellUpdate): void {
    const cell = this.calls.get(update.cell);
    if (cell) return this.update(cell, update);
    if (this.callsOfRun.has(update.run)) return this.#nextStep(update);
    // The run's first updates may overtake the answer that names its cells.
    const early = this.#early.get(update.cell) ?? [];
    if (early.length < EARLY_UPDATES && this.#starting > 0) this.#early.set(update.cell, [...early, update]);
  }

  /** A call that the page has not seen, of a run that is on screen. */
  #nextStep(update: CellUpdate): void {
    // Batches leave the request out, so the whole call is asked for.
    if (update.cellHead) return void this.catchUp(this.addStep(update.cellHead), update);
    this.host.openCell(update.cell).then(
      ({ cell }) => void this.catchUp(this.addStep(cell)),
      (error: unknown) => console.warn('a step of a dialogue could not be read', error),
    );
  }

  protected update(cell: LiveCell, update: CellUpdate): void {
    const waiting = this.#behind.get(cell.id);
    if (waiting) {
      waiting.push(update);
      return;
    }
    if (update.sequence <= cell.sequence) return;
    if (update.sequence !== cell.sequence + 1) {
      void this.catchUp(cell, update);
      return;
    }
    const before = cell.head;
    cell.apply(update);
    this.#dirty.add(cell);
    if (update.cellHead) this.headChanged(cell, before);
  }

  /** Asks for the whole cell; what comes meanwhile is kept and fitted on. */
  protected async catchUp(cell: LiveCell, missed?: CellUpdate): Promise<void> {
    const waiting = missed ? [missed] : [];
    this.#behind.set(cell.id, waiting);
    try {
      const snapshot = await this.host.openCell(cell.id);
      const before = cell.head;
      cell.restore(snapshot.cell, snapshot.sequence);
      this.#dirty.add(cell);
      this.headChanged(cell, before);
    } catch (error) {
      // The rows are on disk: opening the run again shows them.
      console.warn('a call could not be read again', error);
      cell.sequence = Math.max(cell.sequence, (waiting[0]?.sequence ?? 1) - 1);
    }
    this.#behind.delete(cell.id);
    for (const update of waiting) this.update(cell, update);
    this.flush();
  }
}
