import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';

export function promptActions(app: App): Action[] {
  const noneOpen = () => (app.comparison.isOpen ? null : 'No comparison is open');
  return [
    {
      id: 'prompt.versions',
      title: 'Name a version, or bring one back',
      group: 'Comparisons',
      key: 'Ctrl+S',
      visible: () => app.section === 'compare',
      disabledReason: noneOpen,
      run: () => void (app.overlay = 'versions'),
    },
    {
      id: 'prompt.sync',
      title: 'Look for changes in the folder of the prompts',
      group: 'Comparisons',
      run: () => app.prompts.sync(),
    },
  ];
}
