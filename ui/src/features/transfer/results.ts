// Results of a batch or of a matrix as files of other programs.
import { plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import { tellSaved } from './export';

export type ResultsForm = 'jsonl' | 'csv' | 'parquet' | 'html';

export const FORMS: readonly { form: ResultsForm; name: string }[] = [
  { form: 'jsonl', name: 'JSONL' },
  { form: 'csv', name: 'CSV' },
  { form: 'parquet', name: 'Parquet' },
  { form: 'html', name: 'HTML report' },
];

/** A file name that every system takes. */
export function fileName(name: string, otherwise: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-').trim() || otherwise;
}

/** Writes under a free name, and tells how many of `noun` were written. */
export async function saveResults(
  app: App,
  name: string,
  noun: string,
  write: (path: string) => Promise<number>,
): Promise<void> {
  try {
    // The folder for exports gives a free name; the results then take the place of the empty file.
    const file = await app.host.saveText(name, '');
    tellSaved(app, file, plural(await write(file.path), noun));
  } catch (error) {
    app.report(error);
  }
}
