// The joined rows of the batch that is open, and those that are chosen.
import type { BatchColumn } from '../../bindings/BatchColumn';
import type { BatchLines } from '../../bindings/BatchLines';
import type { BatchRow } from '../../bindings/BatchRow';
import type { BatchRows } from '../../bindings/BatchRows';
import type { BatchRowsQuery } from '../../bindings/BatchRowsQuery';
import type { BatchTab } from '../../bindings/BatchTab';
import { RowWindows, WINDOW } from '../../lib/row-windows.svelte';
import type { App } from '../../state/app.svelte';

const SEARCH_AFTER = 200;

function linesOf(rows: readonly BatchRow[]): BatchLines {
  const failed = rows.filter(({ state }) => state === 'failed' || state === 'missing');
  return { lines: rows.map(({ line }) => line), failed: failed.map(({ line }) => line) };
}

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
    const { rows, ...head } = await this.app.host.batchRows(this.batch, this.#query(from, count));
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

  #query(from: number, count: number): BatchRowsQuery {
    const { tab, text, sort, descending } = this;
    return { tab, text: text.trim(), sort, descending, from, count };
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
    else this.#with(linesOf([row]));
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
    this.isChoosing = true;
    try {
      const near = to - from < WINDOW ? this.#windows.near(from, to) : null;
      const found = near ? linesOf(near) : await this.app.host.batchLines(this.batch, this.#query(from, to + 1 - from));
      if (serial !== this.#windows.serial) return;
      this.chosen = new Set(found.lines);
      this.failed = new Set(found.failed);
    } catch (error) {
      this.app.report(error);
    } finally {
      this.isChoosing = false;
    }
  }

  #with({ lines, failed }: BatchLines): void {
    this.chosen = new Set([...this.chosen, ...lines]);
    this.failed = new Set([...this.failed, ...failed]);
  }

  #without(line: number): void {
    this.chosen = new Set([...this.chosen].filter((one) => one !== line));
    this.failed = new Set([...this.failed].filter((one) => one !== line));
  }
}
