// Rows that are added to tables of the memory host. They are counted and not kept.
import type { AddedRow } from '../../bindings/AddedRow';
import type { AppError } from '../../bindings/AppError';
import type { DatasetInfo } from '../../bindings/DatasetInfo';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import type { MemoryDatasets } from './datasets';

type TestRowsHost = Pick<Host, 'testRow' | 'addTestRow' | 'takeBackTestRow'>;

export function testRowsHost(host: MemoryHost, datasets: MemoryDatasets): TestRowsHost {
  const rows = new Map<string, number>();

  function known(path: string): DatasetInfo | null {
    try {
      return datasets.open(path);
    } catch {
      return null;
    }
  }

  return {
    async testRow(id) {
      const { cell } = await host.openCell(id);
      const draft = host.runs.get(cell.run)?.snapshot.draft;
      return {
        path: draft?.dataset?.path ?? 'Refund reply tests.csv',
        values: (draft?.variables ?? []).map(({ name, value, default: usual }) => ({ name, value: value || usual })),
        answer: cell.outcome.choices[0]?.text ?? '',
      };
    },

    async addTestRow(path, values): Promise<AddedRow> {
      const info = known(path);
      const lacks = values.filter(({ name }) => info && !info.columns.includes(name)).map(({ name }) => name);
      if (info && lacks.length > 0) {
        const message = `${path} has no column for ${lacks.join(', ')}. Its columns are ${info.columns.join(', ')}. Leave it out, or write into a new file.`;
        throw { kind: 'invalid', field: 'dataset', message } satisfies AppError;
      }
      const row = rows.get(path) ?? info?.rows ?? 0;
      rows.set(path, row + 1);
      return { path, file: `/prompts/${path}`, row, isNew: !info && row === 0, before: 0, after: 1, digest: '' };
    },

    async takeBackTestRow({ path, row }) {
      rows.set(path, row);
    },
  };
}
