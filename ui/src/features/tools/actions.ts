import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { callsOf, sendReason, sendResults } from './answer';

export function toolActions(app: App): Action[] {
  const writing = () => app.toolReplies.writing;
  const cell = () => app.runs.cells.find(({ id }) => id === writing()?.cell) ?? null;
  return [
    {
      id: 'tools.send',
      title: 'Send results',
      group: 'Run',
      key: 'Ctrl+Enter',
      visible: () => cell() !== null,
      disabledReason: () => {
        const [shown, at] = [cell(), writing()];
        return shown && at ? sendReason(app, shown, callsOf(shown, at.choice)) : 'No result is being written';
      },
      run: () => {
        const [shown, at] = [cell(), writing()];
        if (shown && at) return sendResults(app, shown, at.choice);
      },
    },
  ];
}
