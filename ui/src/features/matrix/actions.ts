import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { matricesView } from './matrices-view.svelte';
import { FORMS } from './matrix-files';
import type { ResultsTab } from './matrix-results.svelte';
import { GONE } from './words';

const TABS: readonly { tab: ResultsTab; title: string }[] = [
  { tab: 'cells', title: 'Show the cells of the matrix' },
  { tab: 'variants', title: 'Show the variants of the matrix' },
  { tab: 'changes', title: 'Show what changed against a base' },
];

export function matrixActions(app: App): Action[] {
  const here = () => app.section === 'matrix';
  const view = () => matricesView(app);
  const inCells = () => here() && view().results?.tab === 'cells';
  const opened = () => (view().current ? null : 'No matrix is open');
  const begun = () => (view().results ? null : 'Nothing of this matrix was sent yet');
  const stood = () => (view().results?.current ? null : 'No cell is there');
  const kept = () => stood() ?? (view().results?.current?.gone ? GONE : null);
  return [
    { id: 'matrix.open', title: 'Open Matrix', group: 'Window', run: () => app.openSection('matrix') },
    {
      id: 'matrix.new',
      title: 'New matrix from this prompt',
      group: 'Matrix',
      visible: () => here() || app.section === 'compare',
      disabledReason: () => view().newReason,
      run: () => view().make(),
    },
    {
      id: 'matrix.openFile',
      title: 'Open a matrix file',
      group: 'Matrix',
      run: () => {
        app.openSection('matrix');
        view().dialog = 'file';
      },
    },
    {
      id: 'matrix.start',
      title: 'Start the matrix, or go on with it',
      group: 'Matrix',
      key: 'Ctrl+Enter',
      visible: here,
      disabledReason: () => view().startReason,
      run: () => view().start(),
    },
    {
      id: 'matrix.pause',
      title: 'Pause the matrix; again stops calls in flight',
      group: 'Matrix',
      key: 'Ctrl+.',
      visible: here,
      disabledReason: () => view().pauseReason,
      run: () => view().pause(),
    },
    {
      id: 'matrix.retry',
      title: 'Retry the failures of the matrix',
      group: 'Matrix',
      key: 'Ctrl+R',
      visible: here,
      disabledReason: () => view().retryReason,
      run: () => view().retry(),
    },
    {
      id: 'matrix.find',
      title: 'Find a matrix',
      group: 'Matrix',
      visible: here,
      run: () => {
        view().half = 'list';
        view().wanted = 'find';
      },
    },
    {
      id: 'matrix.findCells',
      title: 'Find in the cells of the matrix',
      group: 'Matrix',
      key: 'Ctrl+F',
      inText: true,
      visible: here,
      disabledReason: begun,
      run: () => {
        view().half = 'pane';
        if (view().results?.tab !== 'cells') view().results?.show('cells');
        view().wanted = 'findCells';
      },
    },
    ...TABS.map(({ tab, title }): Action => ({
      id: `matrix.${tab}`,
      title,
      group: 'Matrix',
      visible: here,
      disabledReason: begun,
      run: () => view().results?.show(tab),
    })),
    {
      id: 'matrix.openCell',
      title: 'Open the cell in Compare',
      group: 'Matrix',
      visible: inCells,
      disabledReason: kept,
      run: async () => {
        const cell = view().results?.current;
        if (cell) await view().openCell(cell);
      },
    },
    {
      id: 'matrix.inspect',
      title: 'Open the exchange of the cell',
      group: 'Matrix',
      key: 'I',
      visible: inCells,
      disabledReason: kept,
      run: async () => {
        const cell = view().results?.current;
        if (cell) await view().inspect(cell);
      },
    },
    {
      id: 'matrix.openRow',
      title: 'Open the row of the cell as lanes',
      group: 'Matrix',
      visible: inCells,
      disabledReason: kept,
      run: async () => {
        const cell = view().results?.current;
        if (cell) await view().openRow(cell);
      },
    },
    {
      id: 'matrix.onlyRow',
      title: 'Show only the row of the cell, or all rows again',
      group: 'Matrix',
      key: 'R',
      visible: inCells,
      disabledReason: stood,
      run: () => {
        const { results } = view();
        if (results) results.narrow({ row: results.row === null ? (results.current?.row ?? null) : null });
        view().wanted = 'cells';
      },
    },
    {
      id: 'matrix.onlyVariant',
      title: 'Show only the variant of the cell, or all variants again',
      group: 'Matrix',
      key: 'V',
      visible: inCells,
      disabledReason: stood,
      run: () => {
        const { results } = view();
        if (results) results.narrow({ variant: results.variant === null ? (results.current?.variant ?? null) : null });
        view().wanted = 'cells';
      },
    },
    ...FORMS.map(({ form, name }): Action => ({
      id: `matrix.save.${form}`,
      title: `Save the results of the matrix as ${name}`,
      group: 'Matrix',
      visible: here,
      disabledReason: () => view().saveReason,
      run: () => view().save(form),
    })),
    {
      id: 'matrix.saveFile',
      title: 'Save the plan of the matrix as a file',
      group: 'Matrix',
      visible: here,
      disabledReason: opened,
      run: () => view().saveFile(),
    },
    {
      id: 'matrix.copy',
      title: 'Copy the matrix as a new draft',
      group: 'Matrix',
      visible: here,
      disabledReason: opened,
      run: () => view().copy(),
    },
    {
      id: 'matrix.settings',
      title: 'Change name and limits of the matrix',
      group: 'Matrix',
      key: 'F2',
      visible: here,
      disabledReason: opened,
      run: () => {
        if (view().draft) view().wanted = 'name';
        else view().dialog = 'settings';
      },
    },
    {
      id: 'matrix.forget',
      title: 'Forget the matrix',
      group: 'Matrix',
      visible: here,
      disabledReason: opened,
      run: () => view().forget(),
    },
  ];
}
