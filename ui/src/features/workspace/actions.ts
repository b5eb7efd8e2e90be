import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { documentActions } from './document-actions';

export function workspaceActions(app: App): Action[] {
  const naming = { id: 'comparison', group: 'Comparisons', one: 'comparison', key: 'Ctrl+N', isEverywhere: true };
  return documentActions(
    naming,
    () => app.documents,
    () => app.section === 'compare',
  );
}
