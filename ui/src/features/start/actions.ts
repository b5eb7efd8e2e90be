import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { pasteCurl } from './paste-curl';

export function startActions(app: App): Action[] {
  return [
    {
      id: 'curl.paste',
      title: 'Paste a curl command from the clipboard',
      group: 'Connections',
      run: () => pasteCurl(app, null),
    },
    { id: 'curl.write', title: 'Import a curl command', group: 'Connections', run: () => app.openCurl('', null) },
  ];
}
