import type { App } from '../../state/app.svelte';
import type { Action } from '../../state/actions.svelte';

const GROUP = 'Variables';

export function variableActions(app: App): Action[] {
  const { comparison, dataset } = app;
  const here = (): boolean => app.section === 'compare' && comparison.isOpen;
  const noTable = (): string | null => (dataset.dataset ? null : 'No table fills the variables');
  return [
    {
      id: 'variables.nextRow',
      title: 'Next row',
      group: GROUP,
      key: 'Alt+PageDown',
      visible: here,
      disabledReason: () => dataset.stepReason(1),
      run: () => dataset.step(1),
    },
    {
      id: 'variables.previousRow',
      title: 'Previous row',
      group: GROUP,
      key: 'Alt+PageUp',
      visible: here,
      disabledReason: () => dataset.stepReason(-1),
      run: () => dataset.step(-1),
    },
    {
      id: 'variables.table',
      title: 'Fill variables from a table',
      group: GROUP,
      visible: here,
      disabledReason: () =>
        dataset.dataset || comparison.variableNames.length > 0 ? null : 'Write {{name}} in a message first',
      run: () => (dataset.isOpen = true),
    },
    {
      id: 'variables.ownValues',
      title: 'Use own values or the row',
      group: GROUP,
      visible: here,
      disabledReason: noTable,
      run: () => dataset.setUsed(dataset.dataset?.off === true),
    },
  ];
}
