import type { AppError } from '../bindings/AppError';
import type { Cell } from '../bindings/Cell';
import type { Comparison } from '../bindings/Comparison';
import type { ReplayControl } from '../bindings/ReplayControl';
import type { ReplayPace } from '../bindings/ReplayPace';
import type { Run } from '../bindings/Run';
import type { Host } from '../platform/host';
import type { ComparisonController } from './comparison.svelte';
import { countdown, ended, laneName, started } from './runs/announcements';
import { dialogues, newestOf } from './runs/dialogues';
import { isAsking, isLive, LiveCell } from './runs/live-cell.svelte';
import { ReceivedCalls } from './runs/received-calls';

/** What the controller needs from the rest of the app. */
export interface RunsFacts {
  readonly comparison: ComparisonController;
  announce(text: string): void;
  /** In Diff the parameters are not on screen. */
  readonly layout?: { readonly isDiff: boolean };
}

/** The last time a lane's call went well: when, and what it sent. */
export interface LastWorked {
  at: number;
  cell: Cell;
}

const COUNTDOWN_WARNING = 3;

/**
 * Runs on screen. Whatever is shown of a lane comes from the newest run that had that lane, so that running one lane again
 * leaves the others alone.
 */
export class RunsController extends ReceivedCalls {
  /** The run that was started or opened last. */
  shown: string | null = $state(null);
  /** The runs whose repeats are counted together, that one among them: each sent the same. */
  pool: readonly string[] = $state.raw([]);
  /** Why the last press of Run started nothing. */
  startError: AppError | null = $state.raw(null);
  isStarting = $state(false);
  /** Lanes at which the last run stopped, so that their bodies can be edited before they are sent. */
  paused: string[] = $state([]);
  /** Called when the answer of a call is over. */
  onAnswer: ((cell: LiveCell) => void) | null = null;

  #liveCount = $state(0);
  #snapshots = new Map<string, Comparison>();
  #worked = new Map<string, LastWorked>();
  #firstBytes = new Map<string, number[]>();
  #focusedRuns = new Set<string>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What waits for the end of a replay, by its call. */
  #replayEnds = new Map<string, () => void>();

  constructor(
    host: Host,
    private readonly facts: RunsFacts,
  ) {
    super(host);
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
    await this.#started(async () => {
      await comparison.flush();
      const sent = comparison.snapshot();
      change(sent);
      return this.host.startRun(sent, lanes);
    });
  }

  async #started(start: () => Promise<Run>, joins = false): Promise<void> {
    const { comparison } = this.facts;
    this.isStarting = true;
    this.startBegan();
    this.startError = null;
    try {
      const run = await start();
      this.#show(run, joins);
      for (const lane of new Set(run.cells.map((cell) => cell.lane))) comparison.setServerProblems(lane, []);
      for (const text of started(this.callsOfRun.get(run.summary.id)!)) this.facts.announce(text);
    } catch (error) {
      this.startError = error as AppError;
    } finally {
      this.isStarting = false;
      this.startEnded();
    }
  }

  /**
   * Calls once more what a run on screen sent, so many times in each of its lanes. The new repeats stand behind those on
   * screen.
   */
  async startMore(run: string, repeats: number): Promise<void> {
    const sent = this.#snapshots.get(run);
    if (!sent || this.isStarting) return;
    const lanes = [...new Set((this.callsOfRun.get(run) ?? []).map(({ head }) => head.lane))];
    await this.#started(() => this.host.startRun({ ...sent, repeats }, lanes), true);
  }

  /** Puts the repeats of past runs that sent the same behind those on screen. */
  async join(runs: readonly string[]): Promise<void> {
    for (const id of runs) {
      if (this.pool.includes(id)) continue;
      const run = await this.host.openRun(id);
      this.#show(run, true);
      await this.#catchUpRun(run);
    }
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
    await this.renewed(cell, async () => {
      const snapshot = await this.host.startReplay(cell.id, pace);
      this.facts.announce(`${laneName(cell.head)} replaying`);
      return snapshot;
    });
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
    this.pool = [];
    this.repeatShown = {};
    this.stepShown = {};
  }

  /** Shows the answers of a run in the lanes that they came from. */
  async restore(run: Run): Promise<void> {
    this.clear();
    this.#show(run);
    await this.#catchUpRun(run);
  }

  /** A row carries no number to continue from; a call that still runs is asked for with its number. */
  async #catchUpRun({ cells }: Run): Promise<void> {
    await Promise.all(cells.filter((cell) => isLive(cell)).map((cell) => this.catchUp(this.calls.get(cell.id)!)));
  }

  /** Shows calls of several runs side by side, each in the lane that it names. */
  showCells(cells: readonly Cell[]): void {
    this.clear();
    this.lanes = Object.fromEntries(cells.map((cell) => [cell.lane, [new LiveCell(cell)]]));
    for (const cell of this.cells) this.calls.set(cell.id, cell);
    this.forget();
    this.#countLive();
  }

  /** A recording that nobody watches plays to its end at once. */
  #leave(cells: readonly LiveCell[]): void {
    if (cells.length === 0) return;
    this.finishReplays(cells).catch((error: unknown) => console.warn('a replay was not ended', error));
  }

  /** `joins` the runs on screen that sent the same, instead of taking their places. */
  #show(run: Run, joins = false): void {
    const lanesOfRun = new Set(run.cells.map((cell) => cell.lane));
    this.#leave(this.replaying.filter((cell) => lanesOfRun.has(cell.head.lane) && cell.head.run !== run.summary.id));
    const cells = run.cells.map((cell) => this.calls.get(cell.id) ?? new LiveCell(cell));
    this.callsOfRun.set(run.summary.id, cells);
    this.#snapshots.set(run.summary.id, run.snapshot);
    const lanes = { ...this.lanes };
    const repeats = { ...this.repeatShown };
    const pool = joins ? this.pool : [];
    for (const cell of cells) {
      this.calls.set(cell.id, cell);
      this.#remember(cell, run.summary.startedAt);
    }
    for (const lane of lanesOfRun) {
      const before = this.cellsOfLane(lane).filter(({ head }) => pool.includes(head.run));
      repeats[lane] = dialogues(before).length;
      lanes[lane] = [...before, ...cells.filter(({ head }) => head.lane === lane)];
    }
    this.pool = [...pool, run.summary.id];
    this.lanes = lanes;
    this.repeatShown = repeats;
    this.shown = run.summary.id;
    this.forget();
    this.takeEarly(cells);
    this.#countLive();
    this.onRuns?.([run.summary]);
    this.flush();
  }

  override addStep(head: Cell): LiveCell {
    const known = this.calls.get(head.id);
    if (known) return known;
    // It counts as under way until its first update is taken in, so that its end is told also when that comes at once.
    const cell = new LiveCell({ ...head, state: { kind: 'queued' } });
    this.calls.set(cell.id, cell);
    this.callsOfRun.set(head.run, [...(this.callsOfRun.get(head.run) ?? []), cell]);
    const shown = this.cellsOfLane(head.lane);
    if (shown.some((other) => other.head.run === head.run))
      this.lanes = { ...this.lanes, [head.lane]: [...shown, cell] };
    this.#countLive();
    return cell;
  }

  protected override forget(): void {
    const kept = new Set([...this.cells, ...this.apart]);
    for (const [id, cell] of this.calls) if (!kept.has(cell) && !isLive(cell.head)) this.calls.delete(id);
    for (const [id, cells] of this.callsOfRun)
      if (cells.every((cell) => !kept.has(cell) && !isLive(cell.head))) {
        this.callsOfRun.delete(id);
        this.#snapshots.delete(id);
      }
  }

  protected override headChanged(cell: LiveCell, before: Cell): void {
    const { head } = cell;
    clearTimeout(this.#timers.get(cell.id));
    const isApart = this.isApart(head.run);
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
    const run = newestOf(this.callsOfRun.get(head.run) ?? [cell]);
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
    if (!parameter || this.#focusedRuns.has(cell.run) || isTyping() || this.facts.layout?.isDiff) return;
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
    const here = [...this.calls.values()].filter((cell) => !this.isApart(cell.head.run));
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
