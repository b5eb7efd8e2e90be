import { tick } from 'svelte';
import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { inspectorTabs, type InspectorTab } from '../../state/inspector.svelte';

const titles: Record<InspectorTab, string> = {
  request: 'Inspect the request',
  response: 'Inspect the response',
  events: 'Inspect the events',
  timing: 'Inspect the timing',
  tokens: 'Inspect the tokens',
  code: 'Inspect the request as code',
};

async function focusTab(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>('#inspector [role=tablist] [role=tab][tabindex="0"]')?.focus();
}

/** What can be searched: the rows that have the focus, else the first of the inspector. */
function searched(): HTMLElement | null {
  const focused = document.activeElement;
  return focused?.closest<HTMLElement>('[data-find]') ?? document.querySelector<HTMLElement>('#inspector [data-find]');
}

export function inspectActions(app: App): Action[] {
  const { inspector } = app;
  const visible = () => app.document !== null;
  return [
    {
      id: 'inspector.toggle',
      title: 'Open or close the inspector',
      group: 'Inspector',
      key: 'Ctrl+J',
      visible,
      run: () => {
        const inside = document.getElementById('inspector')?.contains(document.activeElement) ?? false;
        inspector.open = !inspector.open;
        // What had the focus is gone with the panel, or is about to come.
        return inside || inspector.open ? focusTab() : undefined;
      },
    },
    {
      id: 'inspector.move',
      title: 'Move the inspector to the right or down',
      group: 'Inspector',
      key: 'Ctrl+Shift+J',
      visible,
      run: () => {
        inspector.side = inspector.side === 'right' ? 'down' : 'right';
        inspector.open = true;
      },
    },
    {
      id: 'inspector.find',
      title: 'Find in the inspector',
      group: 'Inspector',
      key: 'Ctrl+F',
      visible,
      disabledReason: () => (searched() ? null : 'Open a request, a response or code first'),
      run: () => void searched()?.dispatchEvent(new CustomEvent('find')),
    },
    ...inspectorTabs.map((tab, index): Action => ({
      id: `inspector.${tab}`,
      title: titles[tab],
      group: 'Inspector',
      key: `Ctrl+Alt+${index + 1}`,
      visible,
      run: () => {
        inspector.show(tab);
        return focusTab();
      },
    })),
  ];
}
