import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { checksView } from './checks-view.svelte';
import { judgesView } from './judges-view.svelte';

export function repeatsActions(app: App): Action[] {
  const visible = () => app.section === 'compare';
  return [
    { id: 'checks.open', title: 'Edit checks', group: 'Diff', visible, run: () => void (checksView.open = true) },
    { id: 'checks.add', title: 'Add a check', group: 'Diff', visible, run: () => checksView.add(app) },
    {
      id: 'checks.judge',
      title: 'Ask the judge about the answers on screen',
      group: 'Diff',
      visible,
      disabledReason: () => {
        if (app.runs.pool.length === 0) return 'Run the lanes first';
        const asks = checksView.held(app).some(({ rule }) => rule.kind === 'judge');
        return asks ? null : 'There is no judge among the checks';
      },
      run: () => judgesView.ask(app),
    },
    {
      id: 'checks.byNow',
      title: 'Judge by the checks of now, or of the run',
      group: 'Diff',
      visible,
      disabledReason: () => (checksView.differs(app) ? null : 'The checks are those of the run'),
      run: () => void (checksView.byNow = !checksView.byNow),
    },
  ];
}
