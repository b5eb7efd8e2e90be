// A call that becomes a row of a table, to be run again as a test.
import type { AddedRow } from '../../bindings/AddedRow';
import type { DatasetInfo } from '../../bindings/DatasetInfo';
import type { TestRow } from '../../bindings/TestRow';
import type { TestValue } from '../../bindings/TestValue';
import { describeError } from '../../lib/app-error';
import { count } from '../../lib/format';
import type { App } from '../../state/app.svelte';

/** Where the answer goes, unless it is called otherwise. */
const EXPECTED = 'expected';

class TestRowView {
  row: TestRow | null = $state.raw(null);
  path = $state('');
  /** The table at the path; `null` where there is none yet. */
  info: DatasetInfo | null = $state.raw(null);
  keepsAnswer = $state(true);
  column = $state(EXPECTED);
  answer = $state('');
  problem: string | null = $state(null);
  isBusy = $state(false);
  #looks = 0;

  async open(app: App, cell: string): Promise<void> {
    try {
      const row = await app.host.testRow(cell);
      this.path = row.path;
      this.answer = row.answer;
      // A row that is made a row again brings what it was expected to be.
      const own = row.values.find(({ name }) => name === EXPECTED);
      this.row = { ...row, values: row.values.filter((value) => value !== own) };
      this.keepsAnswer = true;
      this.column = EXPECTED;
      this.problem = null;
      await this.look(app);
    } catch (error) {
      app.report(error);
    }
  }

  /** Reads what the table has. */
  async look(app: App): Promise<void> {
    this.#looks += 1;
    const look = this.#looks;
    const info = await app.host.openDataset(this.path.trim()).catch(() => null);
    if (look === this.#looks) this.info = info;
  }

  get values(): TestValue[] {
    const values = this.row?.values ?? [];
    return this.keepsAnswer ? [...values, { name: this.column.trim(), value: this.answer }] : [...values];
  }

  /** Why nothing can be added. */
  get reason(): string | null {
    if (this.isBusy) return 'The row is being written';
    if (this.path.trim() === '') return 'Type the path of a file';
    if (this.keepsAnswer && this.column.trim() === '') return 'Type the name of the column for the answer';
    const names = this.values.map(({ name }) => name);
    if (new Set(names).size < names.length) return `There are two values for ${this.column.trim()}`;
    return names.length === 0 ? 'There is nothing to keep' : null;
  }

  /** Columns that the table would need. */
  get lacks(): string[] {
    if (this.info?.form.kind !== 'csv') return [];
    const { columns } = this.info;
    return this.values.map(({ name }) => name).filter((name) => !columns.includes(name));
  }

  async add(app: App): Promise<void> {
    if (this.reason !== null) return;
    this.isBusy = true;
    this.problem = null;
    try {
      const added = await app.host.addTestRow(this.path.trim(), this.values);
      this.row = null;
      tell(app, added);
    } catch (error) {
      this.problem = describeError(error);
    } finally {
      this.isBusy = false;
    }
  }
}

function tell(app: App, added: AddedRow): void {
  const back = async () => {
    try {
      await app.host.takeBackTestRow(added);
      app.toast(added.isNew ? `${added.path} is gone again` : `Row ${count(added.row + 1)} taken out of ${added.path}`);
    } catch (error) {
      app.report(error);
    }
  };
  app.toast(`Row ${count(added.row + 1)} added to ${added.file}`, {
    action: { label: 'Undo', run: () => void back() },
  });
}

export const testRowView = new TestRowView();
