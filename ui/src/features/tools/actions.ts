import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { callsOf, sendReason, sendResults } from './answer';
import { keepAsMessages, keepReason } from './keep';

export function toolActions(app: App): Action[] {
  const { comparison, runs } = app;
  const writing = () => app.toolReplies.writing;
  const cell = () => runs.cells.find(({ id }) => id === writing()?.cell) ?? null;
  const asking = () => runs.cells.filter((one) => app.toolReplies.isFilling(one));
  const here = () => app.section === 'compare';
  const steps = () => runs.dialogueOfLane(comparison.currentLane);
  const at = () => steps().findIndex((step) => step === runs.cellOfLane(comparison.currentLane));

  function step(id: string, title: string, by: number, none: string): Action {
    return {
      id,
      title,
      group: 'Lanes',
      visible: () => here() && steps().length > 1,
      disabledReason: () => (steps()[at() + by] ? null : none),
      run: () => {
        const next = steps()[at() + by];
        if (next) runs.showCell(next);
      },
    };
  }

  return [
    {
      id: 'tools.send',
      title: 'Send results',
      group: 'Run',
      key: 'Ctrl+Enter',
      visible: () => cell() !== null,
      disabledReason: () => {
        const [shown, place] = [cell(), writing()];
        return shown && place ? sendReason(app, shown, callsOf(shown, place.choice)) : 'No result is being written';
      },
      run: () => {
        const [shown, place] = [cell(), writing()];
        if (shown && place) return sendResults(app, shown, place.choice);
      },
    },
    {
      id: 'tools.stopAsking',
      title: 'Stop asking tools',
      group: 'Run',
      key: 'Escape',
      inText: true,
      // What the engine asks by itself is stopped with its run.
      visible: () => !runs.isLive && asking().length > 0,
      run: async () => {
        await Promise.all(asking().map(({ id }) => runs.stopCell(id)));
      },
    },
    step('tools.previousStep', 'Show previous step of the dialogue', -1, 'This is the first step'),
    step('tools.nextStep', 'Show next step of the dialogue', 1, 'This is the last step'),
    {
      id: 'tools.keep',
      title: 'Keep dialogue as messages',
      group: 'Lanes',
      visible: here,
      disabledReason: () => keepReason(app, steps().at(-1) ?? null),
      run: () => {
        const newest = steps().at(-1);
        if (newest) return keepAsMessages(app, newest);
      },
    },
  ];
}
