import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';

export function workspaceActions(app: App): Action[] {
  const noneOpen = () => (app.comparison.isOpen ? null : 'No comparison is open');
  return [
    {
      id: 'comparison.new',
      title: 'New comparison',
      group: 'Comparisons',
      key: 'Ctrl+N',
      run: () => app.newComparison(),
    },
    {
      id: 'comparison.delete',
      title: 'Delete this comparison',
      group: 'Comparisons',
      visible: () => app.section === 'compare',
      disabledReason: noneOpen,
      run: () => app.deleteComparison(app.comparison.comparison.id),
    },
  ];
}
