import type { MenuItem } from '../../../components/Menu.svelte';
import type { App } from '../../../state/app.svelte';
import type { LiveCell } from '../../../state/runs/live-cell.svelte';
import { paces, replayReason } from './pace';
import { replayView } from './replay-view.svelte';

/** What can be done with the recording of a call; `prefix` stands before a pace where the menu is about more. */
export function replayItems(app: App, cell: LiveCell | null, prefix = 'Replay '): MenuItem[] {
  const disabledReason = replayReason(cell);
  const hint = (id: string) => ({ keys: app.actions.keysFor(id) });
  return [
    ...paces.map(({ id, label, pace }): MenuItem => ({
      label: prefix + (prefix ? label.toLowerCase() : label),
      icon: 'playline',
      disabledReason,
      run: () => cell && void app.runs.startReplay(cell, pace).catch((error: unknown) => app.report(error)),
      ...hint(`replay.${id}`),
    })),
    {
      label: prefix ? 'Serve recording…' : 'Serve on this computer…',
      icon: 'globe',
      disabledReason,
      run: () => void (replayView.serving = cell),
      ...hint('replay.serve'),
    },
  ];
}
