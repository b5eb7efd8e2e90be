import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { pngOf } from '../../platform/memory/picture';
import { show } from '../with-app/with-app';
import DropTarget from './DropTarget.svelte';
import ImportDialog from './ImportDialog.svelte';

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Text to import' });

async function paste(text: string): Promise<void> {
  box().value = text;
  await fireEvent.input(box());
  await fireEvent.keyDown(box(), { key: 'Enter', ctrlKey: true });
}

async function dialog() {
  const shown = await show(ImportDialog);
  shown.app.openImport();
  return shown;
}

describe('importing a text', () => {
  it('opens the request of a curl command and says so', async () => {
    const { app } = await dialog();
    await paste('curl https://api.example.test/v1/chat/completions -H "Authorization: Bearer sk-x"');
    await waitFor(() => expect(app.comparison.comparison.name).toBe('From curl'));
    expect(app.toasts.list.at(-1)?.text).toBe('Opened From curl from curl, with its key');
    expect(app.connections.some(({ name }) => name === 'api.example.test')).toBe(true);
    expect(app.overlay).toBeNull();
  });

  it('keeps a text that cannot be read, and shows the place', async () => {
    const { app } = await dialog();
    const before = app.comparison.comparison.id;
    await paste('{"custom_id":"a"}\n{"custom_id": "b"');
    expect((await screen.findByRole('alert')).textContent).toContain('Line 2 is not JSON');
    expect(box().value).toContain('{"custom_id": "b"');
    expect(app.comparison.comparison.id).toBe(before);
  });

  it('names what was saved and what was not understood', async () => {
    const { app, host } = await dialog();
    await paste('{"custom_id":"first"}\n{"custom_id":"second"}\n{"custom_id":"third"}');
    expect(await screen.findByText('3 requests from JSONL')).toBeTruthy();
    expect(app.comparison.comparison.name).toBe('first');
    await fireEvent.click(screen.getByRole('button', { name: 'third' }));
    await waitFor(() => expect(app.comparison.comparison.name).toBe('third'));
    expect(host.comparisonRows.map(({ name }) => name)).toEqual(expect.arrayContaining(['second', 'third']));
  });

  it('puts recorded calls among the past runs', async () => {
    const { app } = await dialog();
    await paste('{"log":{"entries":[{"startedDateTime":"2026-11-20T10:00:00Z"}]}}');
    expect(await screen.findByText('1 past run from HAR')).toBeTruthy();
    expect(app.recentRuns.some(({ name }) => name === 'From HAR')).toBe(true);
    await fireEvent.click(screen.getByRole('button', { name: 'Show in History' }));
    expect(app.section).toBe('history');
  });
});

describe('files', () => {
  const drag = (type: string, files: File[]) => {
    const event = new Event(type, { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files, dropEffect: 'none' } });
    return event;
  };

  it('are imported when they are dropped, each with its own outcome', async () => {
    const { app } = await show(DropTarget);
    await fireEvent(window, drag('dragenter', []));
    expect(await screen.findByText('Drop to import')).toBeTruthy();
    const files = [new File(['{"log":{"entries":[{}]}}'], 'one.har'), new File(['not a request'], 'broken "ü".txt')];
    await fireEvent(window, drag('drop', files));
    expect(screen.queryByText('Drop to import')).toBeNull();
    await waitFor(() => expect(app.imports.results).toHaveLength(2));
    expect(app.imports.results?.map(({ name, problem }) => [name, problem === null])).toEqual([
      ['one.har', true],
      ['broken "ü".txt', false],
    ]);
    expect(app.overlay).toBe('import');
  });

  it('that are pictures without a request say so, each by itself, and others go on', async () => {
    const { app } = await show(DropTarget);
    const bomb = Uint8Array.from(pngOf(2, 2, () => [0, 0, 0]));
    new DataView(bomb.buffer).setUint32(16, 40_000);
    new DataView(bomb.buffer).setUint32(20, 40_000);
    const files = [
      new File([bomb], 'bomb “\\” 🌊.png', { type: 'image/png' }),
      new File([Uint8Array.from(pngOf(2, 2, () => [0, 0, 0]))], 'plain.png', { type: 'image/png' }),
      new File([new Uint8Array([0xff, 0xd8, 0xff])], 'photo.jpg', { type: 'image/jpeg' }),
      new File(['{"log":{"entries":[{}]}}'], 'one.har'),
    ];
    await fireEvent(window, drag('drop', files));
    await waitFor(() => expect(app.imports.results).toHaveLength(4));
    const told = new Map(app.imports.results?.map(({ name, problem }) => [name, problem]));
    expect(told.get('one.har')).toBeNull();
    expect(told.get('bomb “\\” 🌊.png')).toMatch(/^The picture has more than 32768 pixels .* nothing was opened\./);
    for (const name of ['plain.png', 'photo.jpg']) expect(told.get(name)).toMatch(/^There is no request inside\./);
  });

  it('are left to what took them already', async () => {
    const { app } = await show(DropTarget);
    const taken = drag('drop', [new File(['x'], 'photo.png')]);
    taken.preventDefault();
    await fireEvent(window, taken);
    expect(app.imports.isReading).toBe(false);
    expect(app.imports.results).toBeNull();
  });
});
