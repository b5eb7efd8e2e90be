import type { AppError } from '../bindings/AppError';
import type { Batch } from '../bindings/Batch';
import type { Cell } from '../bindings/Cell';
import type { CellUpdate } from '../bindings/CellUpdate';
import type { Comparison } from '../bindings/Comparison';
import type { ReplayControl } from '../bindings/ReplayControl';
import type { ReplayPace } from '../bindings/ReplayPace';
import type { Run } from '../bindings/Run';
import type { RunSummary } from '../bindings/RunSummary';
import type { Host } from '../platform/host';
import type { ComparisonController } from './comparison.svelte';
import { countdown, ended, laneName, started } from './runs/announcements';
import { newestOf } from './runs/dialogues';
import { isAsking, isLive, LiveCell } from './runs/live-cell.svelte';
import { painter, type Source } from './runs/painter';
import { ShownCells } from './runs/shown-cells.svelte';

/** What the controller needs from the rest of the app. */
export interface RunsFacts {
  readonly comparison: ComparisonController;
  announce(text: string): void;
}

/** The last time a lane's call went well: when, and what it sent. */
export interface LastWorked {
  at: number;
  cell: Cell;
}

/** A run that another section shows. */
export interface Apart {
  run: Run;
  cells: LiveCell[];
}

/** Updates kept for a cell whose run has not been returned yet. */
const EARLY_UPDATES = 2_000;
const COUNTDOWN_WARNING = 3;

/** Batches that share an acknowledgement; far fewer than may travel without one. */
const ACKNOWLEDGE_AFTER = 8;

/**
 * Runs on screen. Batches are queued as they come and taken in once a frame; whatever is shown of a lane comes from the
 * newest run that had that lane, so that running one lane again leaves the others alone.
 */
export class RunsController extends ShownCells implements Source {
  /** The run that was started or opened last. */
  shown: string | null = $state(null);
  /** Why the last press of Run started nothing. */
  startError: AppError | null = $state.raw(null);
  isStarting = $state(false);
  /** Lanes at which the last run stopped, so that their bodies can be edited before they are sent. */
  paused: string[] = $state([]);
  /** Called with the rows of runs that changed, so that the list follows. */
  onRuns: ((rows: RunSummary[]) => void) | null = null;
  /** Called when the answer of a call is over. */
  onAnswer: ((cell: LiveCell) => void) | null = null;

  #liveCount = $state(0);
  #cells = new Map<string, LiveCell>();
  #runs = new Map<string, LiveCell[]>();
  #snapshots = new Map<string, Comparison>();
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
  #worked = new Map<string, LastWorked>();
  #firstBytes = new Map<string, number[]>();
  #focusedRuns = new Set<string>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What waits for the end of a replay, by its call. */
  #replayEnds = new Map<string, () => void>();
  /** Runs of other sections: their calls are kept up to date here and stand in no lane. */
  #apart = new Set<string>();

  constructor(
    private readonly host: Host,
    private readonly facts: RunsFacts,
  ) {
    super();
  }

  /** Listens for batches; once, when the page opens. */
  async listen(): Promise<void> {
    await this.host.subscribe((batch) => this.receive(batch));
  }

  // ---- what is on screen

  get isLive(): boolean {
    return this.#liveCount > 0;
  }

  /** The comparison as it was when Run was pressed, of a run whose calls are on screen. */
  snapshotOf(run: string): Comparison | null {
    return this.#snapshots.get(run) ?? null;
  }

  /** The last call of this lane that finished, before the one on screen. */
  lastWorked(lane: string): LastWorked | null {
    return this.#worked.get(lane) ?? null;
  }

  /** Median time to the first byte on a connection, milliseconds, as far as this session knows. */
  usualWait(connection: string): number | null {
    const times = [...(this.#firstBytes.get(connection) ?? [])].sort((a, b) => a - b);
    return times.length === 0 ? null : times[Math.floor(times.length / 2)]!;
  }

  // ---- start and stop

  /** Why nothing can be started, or `null`. */
  startReason(lanes: string[] | null = null): string | null {
    const { comparison } = this.facts;
    const chosen = comparison.comparison.lanes.filter((lane) => (lanes ? lanes.includes(lane.id) : !lane.muted));
    if (chosen.length === 0) return 'Every lane is muted';
    // A body that is written by hand needs neither a model nor values.
    const formed = chosen.filter((lane) => lane.rawBody === null);
    if (formed.length === 0) return null;
    const without = formed.find((lane) => lane.model === '');
    if (without) return `Choose a model for lane ${comparison.letterOf(without.id)}`;
    const missing = comparison.missingVariables;
    if (missing.length > 0) return `Fill ${missing.join(', ')}`;
    return comparison.unfitVariables[0]?.message ?? comparison.tableProblem;
  }

  /** Starts every unmuted lane, or those named. Lanes that pause are not sent yet. */
  async start(lanes: string[] | null = null): Promise<void> {
    const { comparison } = this.facts;
    if (this.isStarting || this.startReason(lanes) !== null) return;
    const all = comparison.comparison.lanes;
    const chosen = all.filter((lane) => (lanes ? lanes.includes(lane.id) : !lane.muted));
    const held = chosen.filter(({ hold }) => hold).map(({ id }) => id);
    if (held.length === 0) return this.#send(lanes, () => {});
    const others = chosen.filter(({ hold }) => !hold).map(({ id }) => id);
    if (others.length > 0) await this.#send(others, () => {});
    this.paused = [...this.paused.filter((id) => !held.includes(id)), ...held];
    this.facts.announce(`Lane ${held.map((id) => comparison.letterOf(id)).join(', ')} paused before sending`);
  }

  /** Lets go of a lane that pauses. */
  unpause(lane: string): void {
    this.paused = this.paused.filter((id) => id !== lane);
  }

  /** Runs a lane once with these bytes as its body. */
  async sendOnce(lane: string, body: string): Promise<void> {
    if (this.isStarting) return;
    await this.#send([lane], (comparison) => {
      comparison.repeats = 1;
      for (const one of comparison.lanes) if (one.id === lane) one.rawBody = body;
    });
  }

  async #send(lanes: string[] | null, change: (comparison: Comparison) => void): Promise<void> {
    const { comparison } = this.facts;
    this.isStarting = true;
    this.#starting += 1;
    this.startError = null;
    try {
      await comparison.flush();
      const sent = comparison.snapshot();
      change(sent);
      const run = await this.host.startRun(sent, lanes);
      this.#show(run);
      for (const lane of new Set(run.cells.map((cell) => cell.lane))) comparison.setServerProblems(lane, []);
      for (const text of started(this.#runs.get(run.summary.id)!)) this.facts.announce(text);
    } catch (error) {
      this.startError = error as AppError;
    } finally {
      this.isStarting = false;
      this.#startEnded();
    }
  }

  #startEnded(): void {
    this.#starting -= 1;
    if (this.#starting === 0) this.#early.clear();
  }

  /** Runs again the lanes that did not finish; all of them when every one did. */
  async startAgain(): Promise<void> {
    const failed = this.facts.comparison.comparison.lanes
      .map((lane) => lane.id)
      .filter((lane) => this.standing(lane) === 'failed');
    await this.start(failed.length > 0 ? failed : null);
  }

  async stopAll(): Promise<void> {
    const live = new Set(this.cells.filter((cell) => cell.isLive || cell.isAsking).map((cell) => cell.head.run));
    await Promise.all([...live].map((run) => this.host.stopRun(run)));
  }

  async stopLane(lane: string): Promise<void> {
    await Promise.all(
      this.cellsOfLane(lane)
        .filter((cell) => cell.isLive || cell.isAsking)
        .map((cell) => this.host.stopCell(cell.id)),
    );
  }

  async stopCell(cell: string): Promise<void> {
    await this.host.stopCell(cell);
  }

  async retryNow(cell: string): Promise<void> {
    await this.host.retryNow(cell);
  }

  // ---- replays

  /** Calls whose recording plays now. */
  readonly replaying: LiveCell[] = $derived(this.cells.filter((cell) => cell.isReplaying));

  /** Plays the recorded answer of a call again, where the call is shown. */
  async startReplay(cell: LiveCell, pace: ReplayPace): Promise<void> {
    if (cell.isReplaying) await this.#endReplay(cell);
    // The numbers of its updates begin anew, so that none may be taken in before the snapshot.
    const waiting: CellUpdate[] = [];
    this.#behind.set(cell.id, waiting);
    try {
      const snapshot = await this.host.startReplay(cell.id, pace);
      cell.restore(snapshot.cell, snapshot.sequence);
      this.#dirty.add(cell);
      this.facts.announce(`${laneName(cell.head)} replaying`);
    } finally {
      this.#behind.delete(cell.id);
    }
    for (const update of waiting) this.#update(cell, update);
    this.#flush();
  }

  /** Waits until nothing more can come of a replay that is under way: its updates look like those of the next. */
  async #endReplay(cell: LiveCell): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#replayEnds.set(cell.id, resolve));
    await this.controlReplay(cell, 'finish');
    await ended;
  }

  async controlReplay(cell: LiveCell, control: ReplayControl): Promise<void> {
    await this.host.controlReplay(cell.id, control);
  }

  /** Shows the rest of every recording that plays. */
  async finishReplays(cells: readonly LiveCell[] = this.replaying): Promise<void> {
    await Promise.all(cells.map((cell) => this.controlReplay(cell, 'finish')));
  }

  // ---- runs that another section shows

  /** Starts every lane of a comparison that is not the one on screen. Throws what the host throws. */
  async startApart(comparison: Comparison): Promise<Apart> {
    this.#starting += 1;
    try {
      return this.#keepApart(await this.host.startRun(comparison, null));
    } finally {
      this.#startEnded();
    }
  }

  /** Reads a past run for a section that shows it. Throws what the host throws. */
  async openApart(id: string): Promise<Apart> {
    const apart = this.#keepApart(await this.host.openRun(id));
    await Promise.all(apart.cells.filter((cell) => cell.isLive).map((cell) => this.#catchUp(cell)));
    return apart;
  }

  /** The section shows it no longer. */
  leaveApart(run: string): void {
    this.#apart.delete(run);
    this.#forget();
  }

  #keepApart(run: Run): Apart {
    const cells = run.cells.map((cell) => this.#cells.get(cell.id) ?? new LiveCell(cell));
    this.#apart.add(run.summary.id);
    this.#runs.set(run.summary.id, cells);
    for (const cell of cells) this.#cells.set(cell.id, cell);
    this.#takeEarly(cells);
    this.onRuns?.([run.summary]);
    this.#flush();
    return { run, cells };
  }

  // ---- runs of before

  /** Brings back the answers of a past run and leaves the editor as it is. */
  async showRun(id: string): Promise<void> {
    await this.restore(await this.host.openRun(id));
  }

  /** Takes all answers off the screen. */
  clear(): void {
    this.#leave(this.replaying);
    this.lanes = {};
    this.shown = null;
    this.repeatShown = {};
    this.stepShown = {};
  }

  /** Shows the answers of a run in the lanes that they came from. */
  async restore(run: Run): Promise<void> {
    this.clear();
    this.#show(run);
    // A row carries no number to continue from; a call that still runs is asked for with its number.
    await Promise.all(run.cells.filter((cell) => isLive(cell)).map((cell) => this.#catchUp(this.#cells.get(cell.id)!)));
  }

  /** Shows calls of several runs side by side, each in the lane that it names. */
  showCells(cells: readonly Cell[]): void {
    this.clear();
    this.lanes = Object.fromEntries(cells.map((cell) => [cell.lane, [new LiveCell(cell)]]));
    for (const cell of this.cells) this.#cells.set(cell.id, cell);
    this.#forget();
    this.#countLive();
  }

  /** A recording that nobody watches plays to its end at once. */
  #leave(cells: readonly LiveCell[]): void {
    if (cells.length === 0) return;
    this.finishReplays(cells).catch((error: unknown) => console.warn('a replay was not ended', error));
  }

  #show(run: Run): void {
    const lanesOfRun = new Set(run.cells.map((cell) => cell.lane));
    this.#leave(this.replaying.filter((cell) => lanesOfRun.has(cell.head.lane) && cell.head.run !== run.summary.id));
    const cells = run.cells.map((cell) => this.#cells.get(cell.id) ?? new LiveCell(cell));
    this.#runs.set(run.summary.id, cells);
    this.#snapshots.set(run.summary.id, run.snapshot);
    const lanes = { ...this.lanes };
    const repeats = { ...this.repeatShown };
    for (const cell of cells) {
      this.#cells.set(cell.id, cell);
      this.#remember(cell, run.summary.startedAt);
      repeats[cell.head.lane] = 0;
      lanes[cell.head.lane] = cells.filter((other) => other.head.lane === cell.head.lane);
    }
    this.lanes = lanes;
    this.repeatShown = repeats;
    this.shown = run.summary.id;
    this.#forget();
    this.#takeEarly(cells);
    this.#countLive();
    this.onRuns?.([run.summary]);
    this.#flush();
  }

  /** Updates that overtook the answer that named these calls. */
  #takeEarly(cells: readonly LiveCell[]): void {
    for (const cell of cells) {
      const early = this.#early.get(cell.id);
      this.#early.delete(cell.id);
      for (const update of early ?? []) this.#update(cell, update);
    }
  }

  /** Takes in the next step of a dialogue, unless it is here already. */
  addStep(head: Cell): LiveCell {
    const known = this.#cells.get(head.id);
    if (known) return known;
    // It counts as under way until its first update is taken in, so that its end is told also when that comes at once.
    const cell = new LiveCell({ ...head, state: { kind: 'queued' } });
    this.#cells.set(cell.id, cell);
    this.#runs.set(head.run, [...(this.#runs.get(head.run) ?? []), cell]);
    const shown = this.cellsOfLane(head.lane);
    if (shown[0]?.head.run === head.run) this.lanes = { ...this.lanes, [head.lane]: [...shown, cell] };
    this.#countLive();
    return cell;
  }

  /** Lets go of calls that no lane shows any more. */
  #forget(): void {
    const kept = new Set([...this.cells, ...[...this.#apart].flatMap((run) => this.#runs.get(run) ?? [])]);
    for (const [id, cell] of this.#cells) if (!kept.has(cell) && !isLive(cell.head)) this.#cells.delete(id);
    for (const [id, cells] of this.#runs)
      if (cells.every((cell) => !kept.has(cell) && !isLive(cell.head))) {
        this.#runs.delete(id);
        this.#snapshots.delete(id);
      }
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
    this.#flush();
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

  #flush(): void {
    for (const cell of this.#dirty) cell.flush();
    this.#dirty.clear();
  }

  #updateById(update: CellUpdate): void {
    const cell = this.#cells.get(update.cell);
    if (cell) return this.#update(cell, update);
    if (this.#runs.has(update.run)) return this.#nextStep(update);
    // The run's first updates may overtake the answer that names its cells.
    const early = this.#early.get(update.cell) ?? [];
    if (early.length < EARLY_UPDATES && this.#starting > 0) this.#early.set(update.cell, [...early, update]);
  }

  /** A call that the page has not seen, of a run that is on screen. */
  #nextStep(update: CellUpdate): void {
    // Batches leave the request out, so the whole call is asked for.
    if (update.cellHead) return void this.#catchUp(this.addStep(update.cellHead), update);
    this.host.openCell(update.cell).then(
      ({ cell }) => void this.#catchUp(this.addStep(cell)),
      (error: unknown) => console.warn('a step of a dialogue could not be read', error),
    );
  }

  #update(cell: LiveCell, update: CellUpdate): void {
    const waiting = this.#behind.get(cell.id);
    if (waiting) {
      waiting.push(update);
      return;
    }
    if (update.sequence <= cell.sequence) return;
    if (update.sequence !== cell.sequence + 1) {
      void this.#catchUp(cell, update);
      return;
    }
    const before = cell.head;
    cell.apply(update);
    this.#dirty.add(cell);
    if (update.cellHead) this.#headChanged(cell, before);
  }

  /** Asks for the whole cell; what comes meanwhile is kept and fitted on. */
  async #catchUp(cell: LiveCell, missed?: CellUpdate): Promise<void> {
    const waiting = missed ? [missed] : [];
    this.#behind.set(cell.id, waiting);
    try {
      const snapshot = await this.host.openCell(cell.id);
      const before = cell.head;
      cell.restore(snapshot.cell, snapshot.sequence);
      this.#dirty.add(cell);
      this.#headChanged(cell, before);
    } catch (error) {
      // The rows are on disk: opening the run again shows them.
      console.warn('a call could not be read again', error);
      cell.sequence = Math.max(cell.sequence, (waiting[0]?.sequence ?? 1) - 1);
    }
    this.#behind.delete(cell.id);
    for (const update of waiting) this.#update(cell, update);
    this.#flush();
  }

  #headChanged(cell: LiveCell, before: Cell): void {
    const { head } = cell;
    clearTimeout(this.#timers.get(cell.id));
    const isApart = this.#apart.has(head.run);
    if (head.state.kind === 'retrying' && before.state.kind !== 'retrying' && !isApart)
      this.#announceCountdown(cell, head.state.waitMs);
    if (before.state.kind === 'replaying' && head.state.kind !== 'replaying') {
      this.facts.announce(`${laneName(head)} replayed`);
      this.#replayEnds.get(cell.id)?.();
      this.#replayEnds.delete(cell.id);
    }
    if (isAsking(head) !== isAsking(before)) this.#countLive();
    if (isLive(head) || !isLive(before)) return;
    if (isApart) return;
    const run = newestOf(this.#runs.get(head.run) ?? [cell]);
    const text = ended(cell, run, this.#goesOn(cell));
    if (text !== null) this.facts.announce(text);
    this.#remember(cell, head.startedAt ?? Date.now());
    this.#countLive();
    this.onAnswer?.(cell);
    if (head.error?.kind === 'rejected') this.#rejected(head, head.error.fields);
  }

  /** Its calls are answered by the plan, so that this is no end yet. */
  #goesOn(cell: LiveCell): boolean {
    const isAuto = this.#snapshots.get(cell.head.run)?.draft.toolPlan.mode === 'auto';
    return isAuto && cell.settled === 'finished' && cell.inOrder.some(({ toolCalls }) => toolCalls.length > 0);
  }

  #rejected(cell: Cell, fields: (AppError & { kind: 'rejected' })['fields']): void {
    const { comparison } = this.facts;
    comparison.setServerProblems(cell.lane, fields);
    const parameter = fields.find((field) => field.parameter)?.parameter;
    if (!parameter || this.#focusedRuns.has(cell.run) || isTyping()) return;
    // Once for a run: a second lane that fails must not pull the focus away from the first.
    this.#focusedRuns.add(cell.run);
    comparison.focusParameter(cell.lane, parameter);
  }

  #announceCountdown(cell: LiveCell, waitMs: number): void {
    this.facts.announce(countdown(cell.head, Math.ceil(waitMs / 1000)));
    const left = waitMs - COUNTDOWN_WARNING * 1000;
    if (left <= 0) return;
    this.#timers.set(
      cell.id,
      setTimeout(() => this.facts.announce(countdown(cell.head, COUNTDOWN_WARNING)), left),
    );
  }

  #remember(cell: LiveCell, at: number): void {
    const { head } = cell;
    if (head.state.kind !== 'finished') return;
    this.#worked.set(head.lane, { at, cell: head });
    const firstByte = head.milestones.firstByte;
    if (firstByte === null) return;
    const times = this.#firstBytes.get(head.connection) ?? [];
    this.#firstBytes.set(head.connection, [...times.slice(-19), firstByte]);
  }

  #countLive(): void {
    const here = [...this.#cells.values()].filter((cell) => !this.#apart.has(cell.head.run));
    this.#liveCount = here.filter((cell) => cell.isLive || cell.isAsking).length;
  }
}

/** Whether the focus is where text is typed. */
function isTyping(): boolean {
  const focused = document.activeElement;
  if (focused instanceof HTMLTextAreaElement) return true;
  if (focused instanceof HTMLInputElement) return !/^(?:button|checkbox|radio|range|submit)$/.test(focused.type);
  return focused instanceof HTMLElement && focused.isContentEditable;
}
