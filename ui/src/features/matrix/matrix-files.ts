// What is written of a matrix: its cells in one of several forms, or its plan.
import type { Matrix } from '../../bindings/Matrix';
import type { App } from '../../state/app.svelte';
import { tellSaved } from '../transfer/export';
import { fileName, FORMS as RESULTS_FORMS, saveResults as saveUnder, type ResultsForm } from '../transfer/results';

export type MatrixForm = ResultsForm | 'xml';

export const FORMS: readonly { form: MatrixForm; name: string }[] = [
  ...RESULTS_FORMS,
  { form: 'xml', name: 'JUnit XML' },
];

const nameOf = ({ plan }: Matrix): string => fileName(plan.name, 'matrix');

export async function saveResults(app: App, matrix: Matrix, form: MatrixForm): Promise<void> {
  await saveUnder(app, `${nameOf(matrix)}.${form}`, 'cell', (path) => app.host.saveMatrixResults(matrix.id, path));
}

export async function savePlan(app: App, matrix: Matrix): Promise<void> {
  try {
    const file = await app.host.saveText(`${nameOf(matrix)}.matrix.json`, '');
    await app.host.writeMatrixFile(matrix.id, file.path);
    tellSaved(app, file, 'the plan, which juxta-cli runs too');
  } catch (error) {
    app.report(error);
  }
}
