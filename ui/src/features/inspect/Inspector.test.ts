import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DocumentInfo } from '../../bindings/DocumentInfo';
import { MemoryHost } from '../../platform/memory';
import { App } from '../../state/app.svelte';
import { allActions } from '../all-actions';
import ComparePage from '../shell/ComparePage.svelte';
import WithApp from '../with-app/WithApp.svelte';
import Inspector from './Inspector.svelte';
import { inspectView } from './inspect-view.svelte';
// The page fetches its tabs when they are first shown; here they are to be there at once.
import './code/CodeTab.svelte';
import './request/RequestTab.svelte';
import './response/ResponseTab.svelte';

// A busy machine takes its time.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 60_000 });

let host: MemoryHost;
let app: App;

let leave: (() => void)[] = [];

/** The inspector alone, or a page that has it, with the keys of the window. */
async function open(prepare: (host: MemoryHost) => void = () => {}, page: Component = Inspector) {
  host = new MemoryHost();
  prepare(host);
  app = new App(host);
  await app.start('compare');
  app.actions.register(allActions(app));
  leave = [app.layout.attach(window), app.actions.attach(window)];
  render(WithApp, { app, shows: page });
  await screen.findByRole('region', { name: 'Inspector' });
}

const dock = () => within(screen.getByRole('region', { name: 'Inspector' }));
const tab = (name: string | RegExp) => dock().getByRole('tab', { name });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, bubbles: true, ...more });
const toggle = () => press('j', { code: 'KeyJ', ctrlKey: true });
const openTab = (number: number) => press(String(number), { code: `Digit${number}`, ctrlKey: true, altKey: true });

let copied: string[];
beforeEach(() => {
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
  Object.defineProperty(window, 'innerHeight', { value: 900, configurable: true });
  copied = [];
  Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: async (text: string) => void copied.push(text) },
    configurable: true,
  });
  Object.assign(inspectView, { requestForm: 'pretty', responseForm: 'pretty', response: 'envelope', target: 'curl' });
  inspectView.environment = {};
});
afterEach(() => {
  cleanup();
  for (const end of leave) end();
});

describe('the frame', () => {
  it('is closed with its tabs in view, and opens and closes by key', async () => {
    await open();
    expect(
      dock()
        .getAllByRole('tab')
        .map((one) => one.textContent?.trim()),
    ).toEqual(['Request', 'Response', 'Events', 'Timing', 'Tokens', 'Code']);
    expect(dock().queryByRole('tabpanel')).toBeNull();
    expect(dock().getByRole('button', { name: 'Open inspector' }).getAttribute('aria-keyshortcuts')).toBe('Control+J');
    await toggle();
    expect(dock().getByRole('tabpanel', { name: 'Events' })).toBeTruthy();
    expect(dock().getByRole('button', { name: 'Close inspector' })).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(tab(/^Events/)));
    await toggle();
    expect(dock().queryByRole('tabpanel')).toBeNull();
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('tab'));
  });

  it('goes to each tab by key, and along them by arrows', async () => {
    await open();
    const names = ['Request', 'Response', 'Events', 'Timing', 'Tokens', 'Code'];
    for (const [index, name] of names.entries()) {
      await openTab(index + 1);
      expect(await dock().findByRole('tabpanel', { name })).toBeTruthy();
      expect(tab(new RegExp(`^${name}`)).getAttribute('aria-selected')).toBe('true');
    }
    tab(/^Code/).focus();
    await press('ArrowRight');
    expect(document.activeElement).toBe(tab(/^Request/));
    expect(dock().getByRole('tabpanel', { name: 'Request' })).toBeTruthy();
  });

  it('moves to the right and back, and is sized by keys within its bounds', async () => {
    await open();
    await toggle();
    const line = () => dock().getByRole('separator', { name: 'Resize inspector' });
    expect(line().getAttribute('aria-valuenow')).toBe('456');
    await fireEvent.keyDown(line(), { key: 'Home' });
    expect(line().getAttribute('aria-valuenow')).toBe('200');
    await fireEvent.keyDown(line(), { key: 'End' });
    expect(line().getAttribute('aria-valuenow')).toBe(String(900 - 68 - 220));
    await press('J', { code: 'KeyJ', ctrlKey: true, shiftKey: true });
    expect(dock().getByRole('button', { name: 'Move inspector down' })).toBeTruthy();
    expect(line().getAttribute('aria-orientation')).toBe('vertical');
    await fireEvent.click(dock().getByRole('button', { name: 'Move inspector down' }));
    expect(dock().getByRole('button', { name: 'Move inspector to the right' })).toBeTruthy();
    await fireEvent.keyDown(line(), { key: 'Enter' });
    expect(dock().queryByRole('tabpanel')).toBeNull();
  });

  it('leaves a low window its lanes', async () => {
    Object.defineProperty(window, 'innerHeight', { value: 600, configurable: true });
    await open();
    await toggle();
    expect(app.layout.inspectorHeight).toBe(260);
  });

  it('folds the composer when both have no room, and unfolds it again', async () => {
    await open();
    await toggle();
    expect(app.layout.value('composer.collapsed', 0)).toBe(1);
    await toggle();
    expect(app.layout.value('composer.collapsed', 0)).toBe(0);
  });

  it('is a pane that F6 reaches', async () => {
    await open();
    const panes = [...document.querySelectorAll('[data-pane]')];
    expect(panes.some((pane) => pane.id === 'inspector')).toBe(true);
  });
});

describe('the request', () => {
  it('shows what goes out next before there was a run', async () => {
    await open((made) => (made.runRows = []));
    await openTab(1);
    expect(await dock().findByRole('region', { name: 'Request preview' })).toBeTruthy();
    expect(dock().queryByRole('radiogroup', { name: 'Request' })).toBeNull();
    expect(await dock().findByText('Run sends these bytes')).toBeTruthy();
  });

  it('shows keys with their origin, and lights the line of the chosen one', async () => {
    await open();
    app.comparison.selectLane('lane-2');
    await openTab(1);
    const grid = await dock().findByRole('grid', { name: 'Keys sent' });
    const row = within(grid).getByRole('row', { name: /^temperature/ });
    expect(row.textContent).toContain('lane B, base has 0.2');
    expect(within(grid).getByRole('row', { name: /^messages/ }).textContent).toContain('shared, 4 variables filled');
    expect(within(grid).getByRole('row', { name: /^stop/ }).textContent).toContain('null');
    expect(within(grid).getByRole('row', { name: /^seed/ }).textContent).toContain('base');
    await fireEvent.click(row);
    const lit = await waitFor(() => {
      const line = document.querySelector('.row.current');
      expect(line).toBeTruthy();
      return line!;
    });
    expect(lit.textContent).toContain('"temperature": 0.9');
    await fireEvent.keyDown(row, { key: 'ArrowDown' });
    await waitFor(() => expect(document.querySelector('.row.current')?.textContent).toContain('"seed": 7'));
    const stop = [...document.querySelectorAll<HTMLElement>('[data-row]')].find((text) =>
      text.textContent?.includes('"stop"'),
    );
    await fireEvent.click(stop!);
    await waitFor(() =>
      expect(within(grid).getByRole('row', { name: /^stop/ }).getAttribute('aria-selected')).toBe('true'),
    );
  });

  it('compares what was sent with the draft, and says when that has changed', async () => {
    await open();
    await openTab(1);
    expect(await dock().findByText('The bytes sent equal this preview')).toBeTruthy();
    expect(dock().getByText('Compared with the draft as it is now.')).toBeTruthy();
    const message = app.comparison.messages[1]!;
    app.comparison.setText(message, 'Something else');
    expect(await dock().findByText(/It has changed since/)).toBeTruthy();
    await fireEvent.click(dock().getByRole('radio', { name: 'Next' }));
    expect(await dock().findByText(/They differ from those sent at/)).toBeTruthy();
    expect(dock().getByRole('region', { name: 'Request preview' })).toBeTruthy();
  });

  it('says when other bytes went out than the preview makes', async () => {
    await open((made) => {
      const honest = made.documentInfo;
      made.documentInfo = async (source, form) => {
        const info = await honest(source, form);
        return source.kind === 'request' ? { ...info, sha256: '0'.repeat(64) } : info;
      };
    });
    await openTab(1);
    expect(await dock().findByText('The preview makes other bytes than were sent')).toBeTruthy();
  });

  it('copies the body, the whole, and a command', async () => {
    await open();
    await openTab(1);
    await dock().findByRole('region', { name: 'Request as sent' });
    await fireEvent.click(dock().getByRole('button', { name: 'Copy body' }));
    await waitFor(() => expect(copied.length).toBe(1));
    const sent = app.inspector.cell!.head.request!;
    expect(copied[0]).toBe(sent.body);
    await fireEvent.click(dock().getByRole('button', { name: 'Copy more' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Copy head and body' }));
    await waitFor(() => expect(copied.length).toBe(2));
    expect(copied[1]).toMatch(/^POST \/v5\/chat\/completions HTTP/);
    expect(copied[1]!.endsWith(`\n\n${sent.body}`)).toBe(true);
    await fireEvent.click(dock().getByRole('button', { name: 'Copy more' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Copy as curl' }));
    await waitFor(() => expect(copied[2]).toMatch(/^curl /));
    expect(copied.join()).not.toContain('sk-');
  });

  it('opens from the parameters on what goes out next', async () => {
    await open(undefined, ComparePage);
    await fireEvent.click(await screen.findByRole('link', { name: 'View request' }));
    expect(await dock().findByRole('region', { name: 'Request preview' })).toBeTruthy();
    expect(dock().getByRole('radio', { name: 'Next' }).getAttribute('aria-checked')).toBe('true');
  });
});

describe('the response', () => {
  it('tells who answered first, and every header once', async () => {
    await open();
    app.comparison.selectLane('lane-2');
    await openTab(2);
    const table = await dock().findByRole('table', { name: /Response headers/ });
    const names = within(table)
      .getAllByRole('rowheader')
      .map((cell) => cell.textContent);
    expect(names.slice(0, 4)).toEqual([
      'x-request-id',
      'x-scaigrid-model',
      'x-scaigrid-backend',
      'x-ratelimit-remaining-requests',
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(dock().getByRole('radiogroup', { name: 'View' })).toBeTruthy();
    expect(dock().getByText('200')).toBeTruthy();
  });

  it('changes its form', async () => {
    await open();
    await openTab(2);
    const body = await dock().findByRole('region', { name: 'Response body' });
    expect(dock().queryByRole('radiogroup', { name: 'View' })).toBeNull();
    await fireEvent.click(dock().getByRole('radio', { name: 'Hex' }));
    await waitFor(() => expect(body.isConnected ? body.textContent : '').toContain('|data: {"id":"cha|'));
  });

  it('opens from a lane that failed', async () => {
    await open(undefined, ComparePage);
    const lane = screen.getByRole('region', { name: 'Lane C' });
    await fireEvent.click(await within(lane).findByRole('button', { name: 'Show response body' }));
    expect(app.comparison.currentLane).toBe('lane-3');
    const body = await dock().findByRole('region', { name: 'Response body' });
    await waitFor(() => expect(body.textContent).toContain('Input should be less than or equal to 2'));
    expect(dock().getByText('422')).toBeTruthy();
  });

  it('says that nothing came', async () => {
    await open((made) => {
      const honest = made.openRun.bind(made);
      made.openRun = async (id) => {
        const run = await honest(id);
        for (const cell of run.cells) {
          cell.state = { kind: 'failed' };
          cell.head = null;
          cell.error = {
            kind: 'network',
            stage: 'dns',
            message: 'no such name',
            address: 'nowhere.example',
            elapsedMs: 12,
          } as never;
        }
        return run;
      };
      const exchange = made.openExchange.bind(made);
      made.openExchange = async (id) => ({ ...(await exchange(id)), head: null, facts: [] });
    });
    await openTab(2);
    expect(await dock().findByText(/No response came/)).toBeTruthy();
    expect(dock().queryByRole('table')).toBeNull();
  });

  it('waits for a run without an error', async () => {
    await open((made) => (made.runRows = []));
    await openTab(2);
    expect(await dock().findByText(/appears here once this lane has run/)).toBeTruthy();
  });

  it('grows with a body that is still coming', async () => {
    let rows = 0;
    await open((made) => {
      const honest = made.documentInfo;
      made.documentInfo = async (source, form) => {
        const info = await honest(source, form);
        if (source.kind !== 'response') return info;
        rows += 3;
        return { ...info, rows, bytes: rows, bodyBytes: rows, live: rows < 12 };
      };
      made.documentRows = async (_source, _form, from, count) =>
        Array.from({ length: Math.min(count, rows - from) }, (_, index) => ({
          line: from + index + 1,
          text: `line ${from + index + 1};`,
        }));
    });
    await openTab(2);
    const body = await dock().findByRole('region', { name: 'Response body' });
    await waitFor(() => expect(body.textContent).toContain('line 12;'));
    expect(body.textContent).toContain('line 1;');
  });

  it('shows a picture as itself, and its bytes in hex', async () => {
    const shown = vi.spyOn(URL, 'createObjectURL');
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    await open((made) => {
      const honest = made.documentInfo;
      made.documentInfo = async (source, form) => {
        const info = await honest(source, form);
        return source.kind === 'response' ? { ...info, media: 'image', mediaType: 'image/png' } : info;
      };
      made.documentBytes = async () => png.buffer;
    });
    await openTab(2);
    const image = await dock().findByRole('img', { name: 'The body, image/png' });
    expect(image.getAttribute('src')).toMatch(/^blob:/);
    const blob = shown.mock.lastCall![0] as Blob;
    expect([blob.type, new Uint8Array(await blob.arrayBuffer())]).toEqual(['image/png', png]);
    await fireEvent.error(image);
    expect(await dock().findByText(/cannot be shown/)).toBeTruthy();
    await fireEvent.click(dock().getByRole('radio', { name: 'Hex' }));
    const body = () => dock().getByRole('region', { name: 'Response body' });
    await waitFor(() => expect(body().textContent).toContain('00000000'));
  });

  it('saves the body and names the file', async () => {
    await open();
    await openTab(2);
    await dock().findByRole('region', { name: 'Response body' });
    await fireEvent.click(dock().getByRole('button', { name: 'Save body to file' }));
    await waitFor(() => expect(app.toasts.list.map(({ text }) => text).join()).toMatch(/^Saved .+, /));
  });
});

describe('large documents', () => {
  const rows = 2_000_000;
  const huge = (made: MemoryHost, asked: [number, number][]) => {
    const info: DocumentInfo = {
      rows,
      bytes: 50_000_000,
      bodyBytes: 50_000_000,
      media: 'json',
      mediaType: 'application/json',
      utf8: true,
      sha256: 'a'.repeat(64),
      json: true,
      live: false,
      keys: [],
    };
    made.documentInfo = async () => info;
    made.documentRows = async (_source, _form, from, count) => {
      asked.push([from, count]);
      return Array.from({ length: Math.min(count, rows - from) }, (_, index) => ({
        line: from + index + 1,
        text: `  "row": ${from + index + 1},`,
      }));
    };
  };

  it('draw a few rows, and fetch windows of them', async () => {
    const asked: [number, number][] = [];
    await open((made) => huge(made, asked));
    await openTab(2);
    const body = await dock().findByRole('region', { name: 'Response body' });
    await waitFor(() => expect(body.textContent).toContain('"row": 1,'));
    expect(body.querySelectorAll('[data-row]').length).toBeLessThan(120);
    expect(asked.every(([, count]) => count <= 200)).toBe(true);
    expect(asked.length).toBeLessThan(8);
    // No browser has an element as high as all these rows.
    expect(parseFloat(body.querySelector<HTMLElement>('.whole')!.style.height)).toBeLessThanOrEqual(8_000_000);
  });

  it('reach their last row by key and find what is far away', async () => {
    const asked: [number, number][] = [];
    await open((made) => huge(made, asked));
    await openTab(2);
    const body = await dock().findByRole('region', { name: 'Response body' });
    await waitFor(() => expect(body.textContent).toContain('"row": 1,'));
    await fireEvent.keyDown(body, { key: 'End' });
    await waitFor(() => expect(body.textContent).toContain(`"row": ${rows},`));
    await fireEvent.keyDown(body, { key: 'Home' });
    await waitFor(() => expect(body.textContent).toContain('"row": 1,'));
    await fireEvent.keyDown(body, { key: 'f', ctrlKey: true });
    const field = await dock().findByRole('searchbox', { name: 'Find' });
    await fireEvent.input(field, { target: { value: '"row": 30012,' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    const found = () => [...body.querySelectorAll('.found')].map((piece) => piece.textContent).join('');
    await waitFor(() => expect(found()).toBe('"row": 30012,'));
    await fireEvent.keyDown(field, { key: 'Escape' });
    await waitFor(() => expect(document.activeElement).toBe(body));
  });
});

describe('code', () => {
  it('offers languages by arrow, and says why one does not fit', async () => {
    await open();
    await openTab(6);
    const languages = await dock().findByRole('tablist', { name: 'Language' });
    expect(await dock().findByRole('region', { name: 'curl code' })).toBeTruthy();
    const curl = within(languages).getByRole('tab', { name: 'curl' });
    curl.focus();
    await fireEvent.keyDown(curl, { key: 'ArrowDown' });
    expect(await dock().findByRole('region', { name: 'Python code' })).toBeTruthy();
    const libraries = dock().getByRole('radiogroup', { name: 'Library' });
    expect(within(libraries).getByRole('radio', { name: 'httpx' }).getAttribute('aria-checked')).toBe('true');
    const unfit = within(libraries).getByRole('radio', { name: /scale-gp-beta/ });
    expect(unfit.getAttribute('aria-disabled')).toBe('true');
    expect(unfit.textContent).toContain('This is no call of Scale.');
    await fireEvent.click(unfit);
    expect(inspectView.target).toBe('python-httpx');
  });

  it('reads the key from a variable that can be named, and never writes it unless allowed', async () => {
    await open();
    await openTab(6);
    const field = await dock().findByRole('textbox', { name: 'Environment variable name' });
    expect(dock().queryByRole('switch')).toBeNull();
    await fireEvent.input(field, { target: { value: 'MY_KEY' } });
    const code = dock().getByRole('region', { name: 'curl code' });
    await waitFor(() => expect(code.textContent).toContain('$MY_KEY'));
    await fireEvent.input(field, { target: { value: '1 no name' } });
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    app.saveSettings({ codeWithSecrets: true });
    await app.flushSettings();
    const write = await dock().findByRole('switch', { name: 'Write the key itself' });
    expect(code.textContent).not.toContain('sk-of-the-memory-host');
    await fireEvent.click(write);
    await waitFor(() =>
      expect(dock().getByRole('region', { name: 'curl code' }).textContent).toContain('sk-of-the-memory-host'),
    );
    inspectView.withSecrets = false;
  });

  it('takes the variables as arguments where it can, and says why where it cannot', async () => {
    await open();
    const asked = vi.spyOn(host, 'code');
    await openTab(6);
    const variables = await dock().findByRole('radiogroup', { name: 'Variables' });
    const choice = (name: string) => within(variables).getByRole('radio', { name });
    expect(choice('Filled in').getAttribute('aria-checked')).toBe('true');
    await fireEvent.click(choice('As arguments'));
    await waitFor(() => expect(asked.mock.lastCall?.[0].asArguments).toBe(true));
    await dock().findByText(/^Taken in this order/);
    await fireEvent.click(dock().getByRole('tab', { name: /^HAR/ }));
    await dock().findByText(/takes no arguments/);
    expect(choice('Filled in').getAttribute('aria-checked')).toBe('true');
    expect(variables.getAttribute('aria-disabled')).toBe('true');
    await fireEvent.click(dock().getByRole('tab', { name: /^Python/ }));
    await waitFor(() => expect(choice('As arguments').getAttribute('aria-checked')).toBe('true'));
    inspectView.variables = 'filledIn';
  });

  it('is copied and saved', async () => {
    await open();
    const saved = vi.spyOn(host, 'saveText');
    await openTab(6);
    await dock().findByRole('region', { name: 'curl code' });
    await fireEvent.click(dock().getByRole('button', { name: 'Copy' }));
    await waitFor(() => expect(copied[0]).toMatch(/^curl /));
    await fireEvent.click(dock().getByRole('button', { name: 'Save to file' }));
    await waitFor(() => expect(saved).toHaveBeenCalledWith('request.sh', copied[0]));
  });
});
