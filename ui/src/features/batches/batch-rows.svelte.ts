// The joined rows of the batch that is open. They are fetched in windows as they come into view; what was shown stays
// until what takes its place is there.
import type { BatchColumn } from '../../bindings/BatchColumn';
import type { BatchRow } from '../../bindings/BatchRow';
import type { BatchRows } from '../../bindings/BatchRows';
import type { BatchTab } from '../../bindings/BatchTab';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';

/** Rows of one window. */
export const WINDOW = 200;
/** Windows that are kept; the oldest go first. */
const KEPT = 20;
const SEARCH_AFTER = 200;
/** Rows that one question brings at most. */
const RANGE = 1_000;

export class BatchRowsView {
  tab: BatchTab = $state('results');
  text = $state('');
  sort: BatchColumn = $state('line');
  descending = $state(false);
  /** Everything but the rows. */
  head: Omit<BatchRows, 'rows'> | null = $state.raw(null);
  problem: string | null = $state(null);
  /** Index of the row that the keys move from. */
  cursor = $state(0);
  chosen: ReadonlySet<number> = $state.raw(new Set<number>());
  /** Lines of those that are chosen and failed. */
  failed: ReadonlySet<number> = $state.raw(new Set<number>());
  isChoosing = $state(false);
  #windows: ReadonlyMap<number, BatchRow[]> = $state.raw(new Map());
  #asked = new Set<number>();
  /** Grows with each query: an answer to an earlier one is old. */
  #serial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #anchor = 0;

  constructor(
    private readonly app: App,
    readonly batch: string,
  ) {}

  get total(): number {
    return this.head?.total ?? 0;
  }

  rowAt(index: number): BatchRow | null {
    const number = Math.floor(index / WINDOW);
    const known = this.#windows.get(number);
    // Not while the list is drawn.
    if (!this.#asked.has(number)) queueMicrotask(() => void this.#read(number));
    return known?.[index % WINDOW] ?? null;
  }

  /** Reads what is on screen again, as when more rows are over. */
  refresh(): void {
    this.#serial += 1;
    this.#asked.clear();
    void this.#read(Math.floor(this.cursor / WINDOW));
    // The other windows are asked for again as they are drawn.
    this.#windows = new Map(this.#windows);
  }

  #begin(): void {
    this.cursor = this.#anchor = 0;
    this.#serial += 1;
    this.#asked.clear();
    this.#windows = new Map();
    void this.#read(0);
  }

  async #read(number: number): Promise<void> {
    if (this.#asked.has(number)) return;
    this.#asked.add(number);
    const serial = this.#serial;
    try {
      const { rows, ...head } = await this.#ask(number * WINDOW, WINDOW);
      if (serial !== this.#serial) return;
      const kept = [...this.#windows].filter(([other]) => other !== number).slice(1 - KEPT);
      for (const other of [...this.#asked])
        if (other !== number && !kept.some(([one]) => one === other) && this.#windows.has(other))
          this.#asked.delete(other);
      this.#windows = new Map([...kept, [number, rows]]);
      this.head = head;
      this.problem = null;
      this.cursor = Math.max(0, Math.min(this.cursor, head.total - 1));
    } catch (error) {
      if (serial === this.#serial) this.problem = describeError(error);
    }
  }

  #ask(from: number, count: number): Promise<BatchRows> {
    const { tab, text, sort, descending } = this;
    return this.app.host.batchRows(this.batch, { tab, text: text.trim(), sort, descending, from, count });
  }

  showTab(tab: BatchTab): void {
    this.tab = tab;
    this.clear();
    this.#begin();
  }

  /** Searches a moment after the last letter. */
  search(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), SEARCH_AFTER);
  }

  /** Upwards first, then downwards, then as the file has them. */
  sortBy(column: BatchColumn): void {
    if (this.sort !== column) [this.sort, this.descending] = [column, false];
    else if (!this.descending) this.descending = true;
    else [this.sort, this.descending] = ['line', false];
    this.#begin();
  }

  // ---- choosing

  clear(): void {
    this.chosen = new Set();
    this.failed = new Set();
  }

  toggle(index: number): void {
    const row = this.rowAt(index);
    if (!row) return;
    this.#anchor = index;
    if (this.chosen.has(row.line)) this.#without(row.line);
    else this.#with([row]);
  }

  /** Chooses from the row that was chosen last up to this one. */
  async extendTo(index: number): Promise<void> {
    await this.#choose(Math.min(this.#anchor, index), Math.max(this.#anchor, index));
  }

  async chooseAll(): Promise<void> {
    await this.#choose(0, this.total - 1);
  }

  async #choose(from: number, to: number): Promise<void> {
    const serial = this.#serial;
    const found: BatchRow[] = [];
    this.isChoosing = true;
    try {
      for (let at = from; at <= to; at += RANGE) {
        const near = to - from < WINDOW ? this.#near(at, to) : null;
        const rows = near ?? (await this.#ask(at, Math.min(RANGE, to + 1 - at))).rows;
        if (serial !== this.#serial) return;
        found.push(...rows);
      }
      this.chosen = new Set();
      this.failed = new Set();
      this.#with(found);
    } catch (error) {
      this.app.report(error);
    } finally {
      this.isChoosing = false;
    }
  }

  /** Those rows, if all of them are here. */
  #near(from: number, to: number): BatchRow[] | null {
    const rows: BatchRow[] = [];
    for (let index = from; index <= to; index += 1) {
      const row = this.#windows.get(Math.floor(index / WINDOW))?.[index % WINDOW];
      if (!row) return null;
      rows.push(row);
    }
    return rows;
  }

  #with(rows: readonly BatchRow[]): void {
    const failed = rows.filter(({ state }) => state === 'failed' || state === 'missing');
    this.chosen = new Set([...this.chosen, ...rows.map(({ line }) => line)]);
    this.failed = new Set([...this.failed, ...failed.map(({ line }) => line)]);
  }

  #without(line: number): void {
    this.chosen = new Set([...this.chosen].filter((one) => one !== line));
    this.failed = new Set([...this.failed].filter((one) => one !== line));
  }
}
