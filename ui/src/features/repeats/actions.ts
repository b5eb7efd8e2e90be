import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { checksView } from './checks-view.svelte';

export function repeatsActions(app: App): Action[] {
  const visible = () => app.section === 'compare';
  return [
    { id: 'checks.open', title: 'Edit checks', group: 'Diff', visible, run: () => void (checksView.open = true) },
    { id: 'checks.add', title: 'Add a check', group: 'Diff', visible, run: () => checksView.add(app) },
  ];
}
