// What is looked at of a matrix that began: its cells, what its variants say together, and what changed against a base.
import type { CellSnapshot } from '../../bindings/CellSnapshot';
import type { MatrixBase } from '../../bindings/MatrixBase';
import type { MatrixCell } from '../../bindings/MatrixCell';
import type { MatrixCells } from '../../bindings/MatrixCells';
import type { MatrixChange } from '../../bindings/MatrixChange';
import type { MatrixChanges } from '../../bindings/MatrixChanges';
import type { MatrixColumn } from '../../bindings/MatrixColumn';
import type { MatrixFigures } from '../../bindings/MatrixFigures';
import type { MatrixFilter } from '../../bindings/MatrixFilter';
import { describeError } from '../../lib/app-error';
import { RowWindows } from '../../lib/row-windows.svelte';
import type { App } from '../../state/app.svelte';
import { baseKey } from './words';

export type ResultsTab = 'cells' | 'variants' | 'changes';

const SEARCH_AFTER = 200;

/** The two answers of a change, whole. */
export interface BothAnswers {
  change: MatrixChange;
  own: CellSnapshot['cell'] | null;
  base: CellSnapshot['cell'] | null;
}

export class MatrixResults {
  tab: ResultsTab = $state('cells');
  filter: MatrixFilter = $state('all');
  variant: number | null = $state(null);
  /** Of the table, from 0. */
  row: number | null = $state(null);
  text = $state('');
  sort: MatrixColumn = $state('row');
  descending = $state(false);
  base: MatrixBase = $state.raw({ kind: 'variant', index: 0 });
  figures: MatrixFigures | null = $state.raw(null);
  figuresProblem: string | null = $state(null);
  both: BothAnswers | null = $state.raw(null);
  bothProblem: string | null = $state(null);
  readonly cells: RowWindows<MatrixCell, Omit<MatrixCells, 'cells'>>;
  readonly changes: RowWindows<MatrixChange, Omit<MatrixChanges, 'changes'>>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #serial = 0;

  constructor(
    private readonly app: App,
    readonly matrix: string,
  ) {
    this.cells = new RowWindows(async (from, count) => {
      const { filter, variant, row, sort, descending } = this;
      const query = { filter, variant, row, text: this.text.trim(), sort, descending, from, count };
      const { cells: rows, ...head } = await app.host.matrixCells(matrix, query);
      return { rows, head };
    });
    this.changes = new RowWindows(async (from, count) => {
      const { changes: rows, ...head } = await app.host.matrixChanges(matrix, this.base, from, count);
      return { rows, head };
    });
  }

  /** Reads what is on screen, as when more cells are over. */
  refresh(): void {
    if (this.tab === 'cells') this.cells.refresh();
    else if (this.tab === 'variants') void this.#readFigures();
    else this.changes.refresh();
  }

  show(tab: ResultsTab): void {
    this.tab = tab;
    this.refresh();
  }

  async #readFigures(): Promise<void> {
    this.#serial += 1;
    const serial = this.#serial;
    try {
      const figures = await this.app.host.matrixFigures(this.matrix, this.base);
      if (serial !== this.#serial) return;
      this.figures = figures;
      this.figuresProblem = null;
    } catch (error) {
      if (serial === this.#serial) this.figuresProblem = describeError(error);
    }
  }

  setBase(base: MatrixBase): void {
    if (baseKey(base) === baseKey(this.base)) return;
    this.base = base;
    this.both = null;
    if (this.tab === 'changes') this.changes.begin();
    else this.refresh();
  }

  // ---- cells

  /** Searches a moment after the last letter. */
  search(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.cells.begin(), SEARCH_AFTER);
  }

  narrow(to: Partial<Pick<MatrixResults, 'filter' | 'variant' | 'row'>>): void {
    Object.assign(this, to);
    this.cells.begin();
  }

  get isNarrowed(): boolean {
    return this.filter !== 'all' || this.variant !== null || this.row !== null || this.text.trim() !== '';
  }

  widen(): void {
    this.text = '';
    this.narrow({ filter: 'all', variant: null, row: null });
  }

  /** Upwards first, then downwards, then as they were sent. */
  sortBy(column: MatrixColumn): void {
    if (this.sort !== column) [this.sort, this.descending] = [column, false];
    else if (!this.descending) this.descending = true;
    else [this.sort, this.descending] = ['row', false];
    this.cells.begin();
  }

  /** The cell that the keys stand on. */
  get current(): MatrixCell | null {
    return this.cells.total === 0 ? null : this.cells.rowAt(this.cells.cursor);
  }

  // ---- changes

  /** Reads both answers of a change. */
  async look(change: MatrixChange): Promise<void> {
    this.bothProblem = null;
    this.both = { change, own: null, base: null };
    const read = async (cell: string | null) => (cell === null ? null : (await this.app.host.openCell(cell)).cell);
    try {
      const [own, base] = await Promise.all([read(change.cell), read(change.baseCell)]);
      if (this.both?.change === change) this.both = { change, own, base };
    } catch (error) {
      if (this.both?.change === change) this.bothProblem = describeError(error);
    }
  }
}
