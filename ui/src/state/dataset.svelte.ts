// The table whose row fills variables: what it has, which row is chosen, and what is wrong with either.
import type { DatasetInfo } from '../bindings/DatasetInfo';
import type { DatasetRow } from '../bindings/DatasetRow';
import type { Dataset } from '../bindings/Dataset';
import { describeError, isAppError } from '../lib/app-error';
import { unique } from '../lib/variables';
import type { App } from './app.svelte';

export class DatasetController {
  info: DatasetInfo | null = $state.raw(null);
  row: DatasetRow | null = $state.raw(null);
  /** Why file or row cannot be read, in words that end with what to do. */
  problem: string | null = $state(null);
  /** Whether the dialog with the table is open. */
  isOpen = $state(false);
  readonly #app: App;
  /** What was asked for last: an answer to anything earlier is old. */
  #asked = 0;

  constructor(app: App) {
    this.#app = app;
  }

  get dataset(): Dataset | null {
    return this.#app.comparison.comparison.draft.dataset;
  }

  /** The file's name without its folders. */
  get name(): string {
    return this.dataset?.path.split(/[/\\]/).at(-1) ?? '';
  }

  /** Columns that give a variable its value. */
  readonly filling: string[] = $derived.by(() => {
    const used = new Set(this.#app.comparison.variableNames);
    return unique(this.info?.columns ?? []).filter((column) => used.has(column));
  });

  /** Columns that no text asks for. */
  readonly unusedColumns: string[] = $derived.by(() => {
    const filling = new Set(this.filling);
    return (this.info?.columns ?? []).filter((column) => !filling.has(column));
  });

  /** Variables that have no column and keep their own value. */
  readonly ownNames: string[] = $derived.by(() => {
    const columns = new Set(this.info?.columns ?? []);
    return this.#app.comparison.variableNames.filter((name) => !columns.has(name));
  });

  /** Reads the file and its row, if that is needed; the row's values reach the variables. */
  async read(): Promise<void> {
    const { host } = this.#app;
    const dataset = $state.snapshot(this.dataset) as Dataset | null;
    const asked = (this.#asked += 1);
    if (!dataset) return this.#take(null, null, null);
    try {
      const info = await host.openDataset(dataset.path);
      if (asked !== this.#asked) return;
      this.info = info;
      const row = await host.datasetRow(dataset.path, dataset.row);
      if (asked !== this.#asked) return;
      const bad =
        row.problem === null ? null : `Row ${row.row + 1} cannot be read: in line ${row.line}, ${row.problem}.`;
      this.#take(info, row, bad);
    } catch (error) {
      if (asked === this.#asked) this.#take(this.info?.path === dataset.path ? this.info : null, null, wordsOf(error));
    }
  }

  #take(info: DatasetInfo | null, row: DatasetRow | null, problem: string | null): void {
    const { comparison } = this.#app;
    const isUsed = this.dataset?.off === false;
    this.info = info;
    this.row = row;
    this.problem = problem;
    comparison.tableProblem = isUsed && comparison.variableNames.length > 0 ? problem : null;
    comparison.rowValues = isUsed && row && problem === null ? valuesOf(info?.columns ?? [], row) : null;
  }

  /** Takes another file, by its path. Returns what is wrong with it. */
  async choose(path: string): Promise<string | null> {
    const { comparison, host } = this.#app;
    const { id } = comparison.comparison;
    try {
      const info = await host.openDataset(path);
      if (comparison.comparison.id !== id) return null;
      comparison.comparison.draft.dataset = { path: info.path, row: 0, off: false };
      comparison.touch();
      this.#app.announce(`${this.name}, ${info.rows} rows`);
      await this.read();
      return null;
    } catch (error) {
      return wordsOf(error);
    }
  }

  remove(): void {
    this.#app.comparison.comparison.draft.dataset = null;
    this.#app.comparison.touch();
    void this.read();
  }

  /** Whether the row fills variables, or these keep their own values. */
  setUsed(isUsed: boolean): void {
    if (!this.dataset) return;
    this.dataset.off = !isUsed;
    this.#app.comparison.touch();
    void this.read();
  }

  /** Why there is no row in this direction. */
  stepReason(step: 1 | -1): string | null {
    if (!this.dataset) return 'No table fills the variables';
    if (!this.info) return this.problem ?? 'The table is being read';
    const row = this.dataset.row + step;
    if (row < 0) return 'This is the first row';
    return row >= this.info.rows ? 'This is the last row' : null;
  }

  step(step: 1 | -1): void {
    if (this.dataset && this.stepReason(step) === null) this.goTo(this.dataset.row + step);
  }

  /** Chooses a row, from 0; one beyond the end is the last. */
  goTo(row: number): void {
    if (!this.dataset || !this.info) return;
    this.dataset.row = Math.max(0, Math.min(this.info.rows - 1, Math.trunc(row)));
    this.#app.comparison.touch();
    void this.read();
  }
}

/** The first of two columns with one name counts. */
function valuesOf(columns: readonly string[], row: DatasetRow): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    if (!values.has(column)) values.set(column, row.cells[index] ?? '');
  }
  return values;
}

function wordsOf(error: unknown): string {
  return isAppError(error) && error.kind === 'invalid' ? error.message : describeError(error);
}
