// The joined rows of the batch that is open, and those that are chosen.
import type { BatchColumn } from '../../bindings/BatchColumn';
import type { BatchRow } from '../../bindings/BatchRow';
import type { BatchRows } from '../../bindings/BatchRows';
import type { BatchTab } from '../../bindings/BatchTab';
import { RowWindows, WINDOW } from '../../lib/row-windows.svelte';
import type { App } from '../../state/app.svelte';

const SEARCH_AFTER = 200;
/** Rows that one question brings at most. */
const RANGE = 1_000;

export class BatchRowsView {
  tab: BatchTab = $state('results');
  text = $state('');
  sort: BatchColumn = $state('line');
  descending = $state(false);
  chosen: ReadonlySet<number> = $state.raw(new Set<number>());
  /** Lines of those that are chosen and failed. */
  failed: ReadonlySet<number> = $state.raw(new Set<number>());
  isChoosing = $state(false);
  readonly #windows = new RowWindows<BatchRow, Omit<BatchRows, 'rows'>>(async (from, count) => {
    const { rows, ...head } = await this.#ask(from, count);
    return { rows, head };
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #anchor = 0;

  constructor(
    private readonly app: App,
    readonly batch: string,
  ) {}

  /** Everything but the rows. */
  get head(): Omit<BatchRows, 'rows'> | null {
    return this.#windows.head;
  }

  get problem(): string | null {
    return this.#windows.problem;
  }

  get total(): number {
    return this.#windows.total;
  }

  /** Index of the row that the keys move from. */
  get cursor(): number {
    return this.#windows.cursor;
  }
  set cursor(index: number) {
    this.#windows.cursor = index;
  }

  rowAt(index: number): BatchRow | null {
    return this.#windows.rowAt(index);
  }

  /** Reads what is on screen again, as when more rows are over. */
  refresh(): void {
    this.#windows.refresh();
  }

  #begin(): void {
    this.#anchor = 0;
    this.#windows.begin();
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
    const { serial } = this.#windows;
    const found: BatchRow[] = [];
    this.isChoosing = true;
    try {
      for (let at = from; at <= to; at += RANGE) {
        const near = to - from < WINDOW ? this.#windows.near(at, to) : null;
        const rows = near ?? (await this.#ask(at, Math.min(RANGE, to + 1 - at))).rows;
        if (serial !== this.#windows.serial) return;
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
