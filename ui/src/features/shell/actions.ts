import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { cyclePane } from './panes';

export const zoomSteps = [80, 90, 100, 110, 125, 150, 175, 200] as const;

function zoomBy(app: App, by: 1 | -1): void {
  const { zoom } = app.settings;
  const next = by === 1 ? zoomSteps.find((step) => step > zoom) : zoomSteps.findLast((step) => step < zoom);
  if (next === undefined) return;
  app.saveSettings({ zoom: next });
  app.announce(`Zoom ${next} %`);
}

const themes = [
  ['system', 'Follow the theme of the system'],
  ['light', 'Switch to the light theme'],
  ['dark', 'Switch to the dark theme'],
] as const;

export function shellActions(app: App): Action[] {
  const comparing = () => app.section === 'compare';
  return [
    {
      id: 'palette.open',
      title: 'Search or run a command',
      group: 'Window',
      key: 'Ctrl+K',
      run: () => app.openPalette(),
    },
    {
      id: 'palette.switch',
      title: 'Switch comparison or run',
      group: 'Window',
      key: 'Ctrl+P',
      run: () => app.openPalette('@'),
    },
    {
      id: 'shortcuts.open',
      title: 'Show keyboard shortcuts',
      group: 'Window',
      key: 'Ctrl+/',
      run: () => void (app.overlay = 'shortcuts'),
    },
    { id: 'settings.open', title: 'Open settings', group: 'Window', key: 'Ctrl+,', run: () => app.openSettings() },
    { id: 'compare.open', title: 'Open Compare', group: 'Window', run: () => app.openSection('compare') },
    { id: 'embeddings.open', title: 'Open Embeddings', group: 'Window', run: () => app.openSection('embeddings') },
    { id: 'images.open', title: 'Open Images', group: 'Window', run: () => app.openSection('images') },
    { id: 'audio.open', title: 'Open Audio', group: 'Window', run: () => app.openSection('audio') },
    { id: 'history.open', title: 'Open History', group: 'Window', run: () => app.openSection('history') },
    {
      id: 'connections.open',
      title: 'Open connections and keys',
      group: 'Window',
      run: () => app.openConnection(null),
    },
    { id: 'start.open', title: 'Open the start page', group: 'Window', run: () => app.openSection('start') },
    { id: 'pane.next', title: 'Next pane', group: 'Window', key: 'F6', run: () => cyclePane(1) },
    { id: 'pane.previous', title: 'Previous pane', group: 'Window', key: 'Shift+F6', run: () => cyclePane(-1) },
    {
      id: 'list.toggle',
      title: 'Show or hide the list',
      group: 'Window',
      key: 'Ctrl+B',
      visible: () => comparing() || app.section === 'history',
      run: () => void (app.layout.listOpen = !app.layout.listOpen),
    },
    {
      id: 'parameters.toggle',
      title: 'Show or hide the parameters',
      group: 'Window',
      key: 'Ctrl+Alt+B',
      visible: comparing,
      run: () => void (app.layout.paramsOpen = !app.layout.paramsOpen),
    },
    { id: 'zoom.in', title: 'Zoom in', group: 'Window', key: 'Ctrl+=', run: () => zoomBy(app, 1) },
    { id: 'zoom.out', title: 'Zoom out', group: 'Window', key: 'Ctrl+-', run: () => zoomBy(app, -1) },
    {
      id: 'zoom.reset',
      title: 'Zoom to 100 %',
      group: 'Window',
      key: 'Ctrl+0',
      run: () => app.saveSettings({ zoom: 100 }),
    },
    ...themes.map(([theme, title]): Action => ({
      id: `theme.${theme}`,
      title,
      group: 'Appearance',
      disabledReason: () => (app.settings.theme === theme ? 'It is in use' : null),
      run: () => app.saveSettings({ theme }),
    })),
    {
      id: 'contrast.toggle',
      title: 'Switch high contrast on or off',
      group: 'Appearance',
      run: () => app.saveSettings({ contrast: app.settings.contrast === 'more' ? 'normal' : 'more' }),
    },
    {
      id: 'density.toggle',
      title: 'Switch between compact and comfortable rows',
      group: 'Appearance',
      run: () => app.saveSettings({ density: app.settings.density === 'compact' ? 'comfortable' : 'compact' }),
    },
    { id: 'sandbox.try', title: 'Try the sandbox', group: 'Sandbox', run: () => app.trySandbox() },
    {
      id: 'sandbox.faults',
      title: 'Choose a fault of the sandbox',
      group: 'Sandbox',
      run: () => app.openSettings('sandbox'),
    },
    {
      id: 'sandbox.behave',
      title: 'Let the sandbox behave well',
      group: 'Sandbox',
      disabledReason: () => (app.sandboxFault ? null : 'It behaves well'),
      run: () => app.setSandboxFaults({ scenario: null, tokensPerSecond: null, doneOnScale: false }),
    },
    {
      id: 'keychain.retry',
      title: 'Ask the keychain again',
      group: 'Connections',
      visible: () => app.keychain.kind === 'missing',
      run: () => app.tryKeychain(),
    },
  ];
}
