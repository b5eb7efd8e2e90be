import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import AppView from './App.svelte';
import { MemoryHost, type MemoryOptions } from './platform/memory';
import { App, type Section } from './state/app.svelte';

async function open(options: MemoryOptions = {}, section?: Section) {
  const host = new MemoryHost(options);
  const app = new App(host);
  render(AppView, { props: { app } });
  await app.start(section);
  await screen.findByRole('navigation', { name: 'Sections' });
  return { host, app };
}

function clipboard(read: () => Promise<string>) {
  Object.defineProperty(navigator, 'clipboard', { value: { readText: read }, configurable: true });
}

const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, bubbles: true, ...more });

beforeEach(() => {
  // Wide enough for every pane to be docked.
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
  clipboard(() => Promise.reject(new Error('refused')));
});
afterEach(() => cleanup());

describe('the window', () => {
  it('names its landmarks and sections', async () => {
    await open();
    const rail = screen.getByRole('navigation', { name: 'Sections' });
    expect(
      within(rail)
        .getAllByRole('link')
        .map((link) => link.getAttribute('aria-label')),
    ).toEqual([
      'Compare',
      'Matrix',
      'Embeddings',
      'Images',
      'Audio',
      'Batches',
      'History',
      'Connections and keys',
      'Settings',
    ]);
    expect(within(rail).getByRole('link', { name: 'Compare' }).getAttribute('aria-current')).toBe('page');
    for (const [role, name] of [
      ['complementary', 'Workspace'],
      ['tree', 'Prompts'],
      ['main', 'Compare'],
      ['region', 'Composer'],
      ['region', 'Parameters of lane A'],
      ['region', 'Lane A'],
      ['button', 'Search or run a command'],
      ['spinbutton', 'Repeat'],
      ['button', 'Fewer repeats'],
      ['button', 'More repeats'],
    ] as const) {
      expect(screen.getByRole(role, { name }), `${role} ${name}`).toBeTruthy();
    }
    expect(screen.getByRole('button', { name: 'Run all' }).getAttribute('aria-keyshortcuts')).toBe('Control+Enter');
    expect(screen.getByRole('button', { name: 'Stop' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('tells how each lane stands', async () => {
    await open({ settings: { openComparison: 'refund-reply' } });
    await waitFor(() =>
      expect(screen.getByRole('status', { name: 'Lane A finished, lane B finished, lane C failed' })).toBeTruthy(),
    );
  });

  it('follows the theme, the contrast and the rows that were chosen', async () => {
    const { app } = await open({ settings: { theme: 'dark', contrast: 'more' } });
    const root = document.documentElement;
    expect([root.dataset.theme, root.dataset.contrast, root.dataset.density]).toEqual(['dark', 'more', undefined]);
    app.saveSettings({ theme: 'system', density: 'comfortable' });
    await waitFor(() => expect([root.dataset.theme, root.dataset.density]).toEqual([undefined, 'comfortable']));
  });

  it('says that no keychain answers until one does', async () => {
    const { host } = await open({ keychain: { kind: 'missing', reason: 'No secret service' } });
    expect(screen.getByText(/No keychain answers/)).toBeTruthy();
    host.keychainStatus = { kind: 'available', name: 'GNOME Keyring' };
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByText(/No keychain answers/)).toBeNull());
  });

  it('shows which fault the sandbox has', async () => {
    const { app } = await open();
    expect(screen.queryByRole('button', { name: /Sandbox fault/ })).toBeNull();
    await app.setSandboxFaults({ scenario: 'stall', tokensPerSecond: null, doneOnScale: false });
    expect(await screen.findByRole('button', { name: 'Sandbox fault: stall' })).toBeTruthy();
  });

  it('writes what was typed before it closes', async () => {
    const { host, app } = await open();
    app.comparison.rename('Renamed at the last moment');
    app.saveSettings({ zoom: 125 });
    await host.close();
    expect(host.comparisons.get('refund-reply')?.name).toBe('Renamed at the last moment');
    expect(host.settings.zoom).toBe(125);
  });

  it('says what went wrong when it cannot start', async () => {
    const host = new MemoryHost();
    host.bootstrap = () => Promise.reject({ kind: 'storage', message: 'disk is full' });
    const app = new App(host);
    render(AppView, { props: { app } });
    await app.start();
    expect((await screen.findByRole('alert')).textContent).toContain('disk is full');
  });
});

describe('the start page', () => {
  it('has three ways to begin', async () => {
    await open({ firstStart: true });
    for (const name of ['Try the sandbox', 'Add a connection', 'Paste a curl command']) {
      expect(screen.getByRole('region', { name }), name).toBeTruthy();
    }
  });

  it('reaches three lanes on three dialects in one action, and a run in the next', async () => {
    const { host, app } = await open({ firstStart: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Try the sandbox' }));
    await screen.findByRole('region', { name: 'Lane C' });
    const { lanes, draft } = app.comparison.comparison;
    expect(lanes.map(({ connection }) => connection)).toEqual([
      'sandbox-scaleV5',
      'sandbox-scaigridV1',
      'sandbox-openAi',
    ]);
    expect(draft.parameters).toContainEqual({ name: 'stream', json: 'true' });
    const start = vi.spyOn(host, 'startRun');
    press('Enter', { ctrlKey: true });
    await waitFor(() => expect(start).toHaveBeenCalledOnce());
    await app.runs.stopAll();
  });

  it('asks only for what each dialect documents', async () => {
    const { app } = await open({ firstStart: true });
    app.trySandbox();
    const sent = app.comparison.comparison.lanes.map((lane) =>
      app.comparison.effective(lane.id).map(({ name }) => name),
    );
    for (const [index, lane] of app.comparison.comparison.lanes.entries()) {
      const known = app.comparison.table(lane.id).parameters.map(({ name }) => name);
      expect(
        sent[index]?.filter((name) => !known.includes(name)),
        `lane ${index}`,
      ).toEqual([]);
    }
  });

  it('asks for the command when the clipboard may not be read', async () => {
    await open({ firstStart: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Paste from clipboard' }));
    expect(await screen.findByRole('textbox', { name: 'Text to import' })).toBeTruthy();
  });

  it('opens what the clipboard holds and says what was not understood', async () => {
    clipboard(() => Promise.resolve('curl --compressed https://api.example.test/v1/chat/completions'));
    const { app } = await open({ firstStart: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Paste from clipboard' }));
    expect(await screen.findByText(/left out: --compressed/)).toBeTruthy();
    expect(app.connections.map(({ name }) => name)).toContain('api.example.test');
  });

  it('shows a command that cannot be read with the reason beside it', async () => {
    clipboard(() => Promise.resolve('not a command'));
    await open({ firstStart: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Paste from clipboard' }));
    const box = (await screen.findByRole('textbox', { name: 'Text to import' })) as HTMLTextAreaElement;
    expect(box.value).toBe('not a command');
    expect((await screen.findByRole('alert')).textContent).toContain('holds no address');
  });
});

describe('the list', () => {
  it('deletes a comparison at once and brings it back', async () => {
    const { host, app } = await open();
    await app.documents.remove('tone-checks');
    expect(screen.queryByRole('treeitem', { name: 'Tone checks' })).toBeNull();
    await fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(host.comparisonRows.some(({ id }) => id === 'tone-checks')).toBe(true));
    expect(await screen.findByRole('treeitem', { name: 'Tone checks' })).toBeTruthy();
  });

  it('renames in place with F2', async () => {
    const { app } = await open();
    const row = screen.getByRole('treeitem', { name: 'Refund reply' });
    await fireEvent.keyDown(row, { key: 'F2' });
    const field = await screen.findByRole('textbox', { name: 'New name of Refund reply' });
    await fireEvent.input(field, { target: { value: 'Refund answer' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(app.comparison.comparison.name).toBe('Refund answer');
  });

  it('draws a few of 10,000 rows', async () => {
    await open({ rows: 10_000 });
    const rows = screen.getAllByRole('treeitem');
    expect(rows.length).toBeLessThan(200);
    expect(rows[0]?.getAttribute('aria-setsize')).toBe('10000');
  });

  it('opens a past run with its lanes', async () => {
    const { app } = await open();
    const [run] = screen.getAllByRole('button', { name: / Tone checks 4 lanes/ });
    if (run) await fireEvent.click(run);
    await waitFor(() => expect(app.runs.shown).toBe('past-5'));
    expect(app.comparison.comparison.name).toBe('Tone checks');
  });
});

describe('the palette in the window', () => {
  it('opens by Ctrl+K, finds a parameter and goes there', async () => {
    const { app } = await open();
    const goTo = vi.spyOn(app.comparison, 'focusParameter');
    press('k', { ctrlKey: true, code: 'KeyK' });
    const field = await screen.findByRole('combobox', { name: 'Search or run a command' });
    await fireEvent.input(field, { target: { value: 'temperature' } });
    const option = screen.getAllByRole('option')[0];
    expect(option?.getAttribute('aria-selected')).toBe('true');
    expect(field.getAttribute('aria-activedescendant')).toBe(option?.id);
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(goTo).toHaveBeenCalledWith(app.comparison.currentLane, 'temperature'));
    expect(app.overlay).toBeNull();
  });

  it('lists every shortcut, switches them off and changes one', async () => {
    const { app } = await open();
    press('/', { ctrlKey: true, code: 'Slash' });
    const sheet = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    const key = within(sheet).getByRole('button', { name: /Zoom in$/ });
    await fireEvent.click(key);
    await fireEvent.keyDown(key, { key: 'F9' });
    expect(app.settings.shortcuts).toEqual([{ action: 'zoom.in', key: 'F9' }]);
    await fireEvent.click(within(sheet).getByRole('switch', { name: 'Shortcuts' }));
    expect(app.settings.shortcutsEnabled).toBe(false);
  });
});
