// What is written of a matrix: its cells in one of several forms, or its plan.
import type { Matrix } from '../../bindings/Matrix';
import { plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import { tellSaved } from '../transfer/export';
import { fileName } from './words';

export type ResultsForm = 'jsonl' | 'csv' | 'parquet' | 'html' | 'xml';

export const FORMS: readonly { form: ResultsForm; name: string }[] = [
  { form: 'jsonl', name: 'JSONL' },
  { form: 'csv', name: 'CSV' },
  { form: 'parquet', name: 'Parquet' },
  { form: 'html', name: 'HTML report' },
  { form: 'xml', name: 'JUnit XML' },
];

export async function saveResults(app: App, { id, plan }: Matrix, form: ResultsForm): Promise<void> {
  try {
    // The folder for exports gives a free name; the cells then take the place of the empty file.
    const file = await app.host.saveText(`${fileName(plan.name)}.${form}`, '');
    tellSaved(app, file, plural(await app.host.saveMatrixResults(id, file.path), 'cell'));
  } catch (error) {
    app.report(error);
  }
}

export async function savePlan(app: App, { id, plan }: Matrix): Promise<void> {
  try {
    const file = await app.host.saveText(`${fileName(plan.name)}.matrix.json`, '');
    await app.host.writeMatrixFile(id, file.path);
    tellSaved(app, file, 'the plan, which juxta-cli runs too');
  } catch (error) {
    app.report(error);
  }
}
