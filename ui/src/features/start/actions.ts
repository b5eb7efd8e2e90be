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
  ];
}
