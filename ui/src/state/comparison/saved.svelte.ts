// A comparison and its way to the disk: each edit is saved a moment after it was made.
import type { AppError } from '../../bindings/AppError';
import type { Comparison } from '../../bindings/Comparison';
import type { ComparisonSummary } from '../../bindings/ComparisonSummary';
import type { Connection } from '../../bindings/Connection';
import type { Dialect } from '../../bindings/Dialect';
import type { Lane } from '../../bindings/Lane';
import type { ParameterSpec } from '../../bindings/ParameterSpec';
import type { ParameterTable } from '../../bindings/ParameterTable';
import type { Host } from '../../platform/host';
import { foldBaseOverrides, laneLetter } from './lanes';
import { newComparison, newLane } from './new';

/** What the controller reads from the rest of the app. */
export interface ComparisonFacts {
  readonly connections: Connection[];
  readonly tables: ParameterTable[];
}

/** Quiet time after the last edit before it is saved, milliseconds. */
export const SAVE_AFTER = 300;
export const MAX_REPEATS = 50;

export class SavedComparison {
  comparison: Comparison = $state(newComparison('Untitled', newLane('', ''), null));
  /** Id of the current lane. */
  currentLane: string = $state('');
  /** False until something was opened; nothing is saved before. */
  isOpen: boolean = $state(false);
  /** Grows with each edit. */
  revision: number = $state(0);
  saveError: AppError | null = $state.raw(null);
  /** Called with each saved row, so that a list elsewhere follows. */
  onSaved: ((summary: ComparisonSummary) => void) | null = null;

  #savedRevision = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: Host,
    readonly facts: ComparisonFacts,
  ) {
    this.currentLane = this.comparison.lanes[0]?.id ?? '';
  }

  // ---- opening and saving

  open(comparison: Comparison): void {
    void this.flush();
    const own = $state.snapshot(comparison) as Comparison;
    if (own.lanes.length === 0) own.lanes.push(newLane(this.facts.connections[0]?.id ?? '', ''));
    foldBaseOverrides(own);
    this.comparison = own;
    this.currentLane = own.lanes[0]?.id ?? '';
    this.forget();
    this.isOpen = true;
    this.revision += 1;
    this.#savedRevision = this.revision;
  }

  /** Drops what belongs to the comparison that was open before. */
  protected forget(): void {}

  /** A plain copy, for the host and for the clipboard. */
  snapshot(): Comparison {
    return $state.snapshot(this.comparison) as Comparison;
  }

  /** Every edit ends here. */
  touch(): void {
    this.revision += 1;
    if (!this.isOpen) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), SAVE_AFTER);
  }

  /** Saves what is not saved yet, and waits for it. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.isOpen || this.#savedRevision === this.revision) return this.#saving;
    const revision = this.revision;
    const comparison = this.snapshot();
    this.#savedRevision = revision;
    this.#saving = this.#saving.then(async () => {
      try {
        const summary = await this.host.saveComparison(comparison);
        this.saveError = null;
        this.onSaved?.(summary);
      } catch (error) {
        this.saveError = error as AppError;
        // The next edit or flush tries again.
        if (this.comparison.id === comparison.id) this.#savedRevision = -1;
      }
    });
    return this.#saving;
  }

  /** Saves when the window is hidden or goes away. Returns the way to stop listening. */
  attach(target: Window = window): () => void {
    const hidden = (): void => {
      if (target.document.visibilityState === 'hidden') void this.flush();
    };
    const leaving = (): void => void this.flush();
    target.document.addEventListener('visibilitychange', hidden);
    target.addEventListener('beforeunload', leaving);
    target.addEventListener('pagehide', leaving);
    return () => {
      target.document.removeEventListener('visibilitychange', hidden);
      target.removeEventListener('beforeunload', leaving);
      target.removeEventListener('pagehide', leaving);
    };
  }

  rename(name: string): void {
    this.comparison.name = name;
    this.touch();
  }

  setRepeats(repeats: number): void {
    if (!Number.isFinite(repeats)) return;
    this.comparison.repeats = Math.min(MAX_REPEATS, Math.max(1, Math.round(repeats)));
    this.touch();
  }

  // ---- lanes

  laneLetter(index: number): string {
    return laneLetter(index);
  }

  letterOf(lane: string): string {
    return laneLetter(this.indexOf(lane));
  }

  indexOf(lane: string): number {
    return this.comparison.lanes.findIndex((candidate) => candidate.id === lane);
  }

  lane(id: string): Lane | null {
    return this.comparison.lanes.find((candidate) => candidate.id === id) ?? null;
  }

  get current(): Lane | null {
    return this.lane(this.currentLane) ?? this.comparison.lanes[0] ?? null;
  }

  isBase(lane: string): boolean {
    return this.indexOf(lane) === 0;
  }

  selectLane(lane: string): void {
    if (this.lane(lane)) this.currentLane = lane;
  }

  connectionOf(lane: Lane): Connection | null {
    return this.facts.connections.find((connection) => connection.id === lane.connection) ?? null;
  }

  // ---- what the lanes' dialects document

  table(lane: string | Lane): ParameterTable {
    const target = typeof lane === 'string' ? this.lane(lane) : lane;
    return this.tableFor(target, this.dialectOf(target));
  }

  protected dialectOf(lane: Lane | null): Dialect {
    return (lane && this.connectionOf(lane)?.dialect) ?? 'openAi';
  }

  /** The table of a lane's endpoint in a dialect, that of its connection unless told. */
  tableFor(lane: Pick<Lane, 'endpoint'> | null, dialect: Dialect): ParameterTable {
    const endpoint = lane?.endpoint ?? 'chat';
    const table = this.facts.tables.find(
      (candidate) => candidate.endpoint === endpoint && candidate.dialect === dialect,
    );
    return table ?? { endpoint, dialect, parameters: [] };
  }

  spec(lane: string, name: string): ParameterSpec | null {
    return this.table(lane).parameters.find((spec) => spec.name === name) ?? null;
  }
}
