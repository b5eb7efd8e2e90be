import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';

export function promptActions(app: App): Action[] {
  const noneOpen = () => (app.comparison.isOpen ? null : 'No comparison is open');
  const inConflict = () => app.section === 'compare' && app.prompts.isInConflict;
  return [
    {
      id: 'prompt.compare',
      title: 'Compare the file with this prompt',
      group: 'Comparisons',
      visible: inConflict,
      run: () => void (app.prompts.comparing = true),
    },
    {
      id: 'prompt.takeFile',
      title: 'Take the file of this prompt',
      group: 'Comparisons',
      visible: inConflict,
      run: () => app.prompts.settle('theirs'),
    },
    {
      id: 'prompt.keepMine',
      title: 'Keep mine, and write the file of this prompt',
      group: 'Comparisons',
      visible: inConflict,
      run: () => app.prompts.settle('mine'),
    },
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
