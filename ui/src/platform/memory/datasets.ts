// Tables of the memory host: one with orders, and one that is large.
import type { AppError } from '../../bindings/AppError';
import type { Comparison } from '../../bindings/Comparison';
import type { DatasetInfo } from '../../bindings/DatasetInfo';
import type { DatasetRow } from '../../bindings/DatasetRow';
import type { FoundRows } from '../../bindings/FoundRows';

interface Table {
  columns: string[];
  rows: number;
  cells: (row: number) => string[];
}

const PEOPLE = ['Maren', 'Jonas', 'Aylin', 'Søren', 'Chloé', 'Tomás', '美咲', 'Noa'];
const TONGUES = ['English', 'Deutsch', 'Türkçe', 'Dansk', 'Français', 'Español', '日本語', 'עברית'];

function orders(rows: number): Table {
  return {
    columns: ['customer', 'order_id', 'weeks', 'language', 'note'],
    rows,
    cells: (row) => [
      PEOPLE[row % PEOPLE.length] ?? '',
      `NL-${20418 + row}`,
      String((row * 3) % 30),
      TONGUES[row % TONGUES.length] ?? '',
      row % 4 === 0 ? 'paid by card,\n"urgent"' : '',
    ],
  };
}

const TABLES: Record<string, Table> = { 'tickets.csv': orders(40), 'large.csv': orders(1_000_000) };
/** This row of every table has a value too few. */
const BAD_ROW = 16;

export class MemoryDatasets {
  open(path: string): DatasetInfo {
    const { columns, rows } = tableOf(path);
    const file = `/prompts/${path}`;
    const firstBad = rows > BAD_ROW ? rowOf(path, BAD_ROW) : null;
    return {
      path,
      file,
      form: { kind: 'csv', separator: ',' },
      columns,
      rows,
      bytes: rows * 42,
      bad: firstBad ? 1 : 0,
      firstBad,
    };
  }

  rows(path: string, from: number, count: number): DatasetRow[] {
    const { rows } = tableOf(path);
    const wanted = Math.max(0, Math.min(rows - from, count));
    return Array.from({ length: wanted }, (_, index) => rowOf(path, from + index));
  }

  row(path: string, row: number): DatasetRow {
    const { rows } = tableOf(path);
    if (row >= rows) throw refused(`${path} has ${rows} rows, and row ${row + 1} is chosen. Choose another.`);
    return rowOf(path, row);
  }

  column(path: string, column: number, count: number): (string | null)[] {
    return this.rows(path, 0, count).map(({ cells }) => cells[column] ?? null);
  }

  find(path: string, text: string): FoundRows {
    const table = tableOf(path);
    const wanted = text.toLowerCase();
    const rows: number[] = [];
    for (let row = 0; row < table.rows && rows.length < 10_000; row += 1) {
      if (table.cells(row).some((cell) => cell.toLowerCase().includes(wanted))) rows.push(row);
    }
    return { rows, more: rows.length === 10_000 };
  }

  fill(comparison: Comparison): Comparison {
    const { dataset } = comparison.draft;
    if (!dataset || dataset.off) return comparison;
    const { columns } = tableOf(dataset.path);
    const row = this.row(dataset.path, dataset.row);
    if (row.problem !== null) throw refused(`Row ${row.row + 1} of ${dataset.path} cannot be read: ${row.problem}.`);
    const variables = comparison.draft.variables.map((variable) => {
      const column = columns.indexOf(variable.name);
      return column < 0 ? variable : { ...variable, value: row.cells[column] ?? '' };
    });
    return { ...comparison, draft: { ...comparison.draft, variables } };
  }
}

function tableOf(path: string): Table {
  const table = TABLES[path];
  if (table) return table;
  throw refused(`There is no file ${path} in /prompts. Choose it again, or use the variables’ own values.`);
}

function rowOf(path: string, row: number): DatasetRow {
  const line = row + 2 + Math.ceil(row / 4);
  return row === BAD_ROW
    ? { row, line, cells: [], problem: 'it has 4 values, and the table has 5 columns' }
    : { row, line, cells: tableOf(path).cells(row), problem: null };
}

function refused(message: string): AppError {
  return { kind: 'invalid', field: 'dataset', message };
}
