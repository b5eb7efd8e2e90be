import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { MemoryOptions } from '../../platform/memory';
import { failuresIn } from '../../platform/memory/batch-samples';
import { show } from '../with-app/with-app';
import BatchesPage from './BatchesPage.svelte';
import { batchesView } from './batches-view.svelte';

const soon = { timeout: 30_000 };

async function opened(options: MemoryOptions = {}) {
  const shown = await show(BatchesPage, 'batches', options);
  const view = batchesView(shown.app);
  await waitFor(() => expect(view.isRead).toBe(true), soon);
  return { ...shown, view };
}

/** Opens a batch by a part of its name. */
async function pane(name: RegExp) {
  await fireEvent.click(screen.getByRole('option', { name }));
  return screen.findByRole('region', { name: new RegExp(`^Batch .*${name.source}`) }, soon);
}

const grid = (inside: HTMLElement) => within(inside).getByRole('grid', { name: 'Results joined to inputs' });

describe('the list of batches', () => {
  it('says where there are none how to begin', async () => {
    await opened({ firstStart: true });
    expect(screen.getByText('No batches yet. Build one from a prompt and a table.')).toBeTruthy();
  });

  it('is filtered by state and by words', async () => {
    const { view } = await opened();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancelled 1' }));
    expect(view.shown.map(({ name }) => name)).toEqual(['Meeting actions, pilot']);
    await fireEvent.click(screen.getByRole('button', { name: /^All / }));
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Find a batch' }), { target: { value: 'MISTRAL' } });
    expect(view.shown.map(({ name }) => name)).toEqual(['Glossary, 40 languages']);
  });

  it('asks a provider only when told, and takes in what was made elsewhere', async () => {
    const { view } = await opened();
    expect(view.foreign.count).toBe(0);
    await fireEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'ScaiGrid EU' }));
    const found = await screen.findAllByRole('option', { name: /batch_01HX/ }, soon);
    expect(found).toHaveLength(3);
    await view.foreign.load('scaigrid-eu');
    await waitFor(() => expect(screen.getAllByRole('option', { name: /batch_01HX/ })).toHaveLength(5), soon);
    await fireEvent.click(screen.getByRole('option', { name: /zkušební provoz/ }));
    await screen.findByRole('region', { name: 'Batch zkušební provoz' }, soon);
    expect(view.foreign.count).toBe(4);
  });
});

describe('a batch that runs', () => {
  it('has its progress by name, and goes on as news come', async () => {
    const { host, view } = await opened();
    const shown = await pane(/Refund replies, March/);
    within(shown).getByRole('progressbar', { name: '1462 done, 9 failed, 0 running, 529 waiting' });
    host.queue.advance('jd5v2e', 100);
    await within(shown).findByRole('progressbar', { name: /^1561 done, 10 failed/ }, soon);
    await waitFor(() => expect(view.rows?.head?.results).toBe(1_571), soon);
  });

  it('tells its end where the person is, with the way to it', async () => {
    const { app, host, view } = await opened();
    app.openSection('compare');
    host.queue.advance('jd5v2e', 10_000);
    expect(app.announcement.text).toMatch(/^Refund replies, March tickets finished, 1,988 done, 12 failed/);
    expect(app.toasts.list).toHaveLength(1);
    app.toasts.list[0]?.action?.run();
    expect([app.section, view.current?.name]).toEqual(['batches', 'Refund replies, March tickets']);
  });

  it('is cancelled after a question, and keeps what is done', async () => {
    const { app, view } = await opened();
    await pane(/Refund replies, March/);
    app.actions.run('batches.cancel');
    const dialog = await screen.findByRole('dialog', { name: 'Cancel this batch?' }, soon);
    expect(dialog.textContent).toContain('1,471 rows are over');
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel batch' }));
    await waitFor(() => expect(view.current?.state).toBe('cancelled'), soon);
    expect(view.current?.counts.done).toBe(1_462);
  });
});

describe('the rows of a batch', () => {
  it('are chosen with Space and Shift, and those that failed are sent again as a batch of their own', async () => {
    const { app, host, view } = await opened();
    const shown = await pane(/Refund replies, February/);
    await fireEvent.click(within(shown).getByRole('tab', { name: /^Failures/ }));
    await within(shown).findByRole('button', { name: 'Retry 12 failures' }, soon);
    await waitFor(() => expect(grid(shown).querySelector('[data-row="0"]')?.textContent).toContain('t-0003'), soon);
    const row = (index: number) => grid(shown).querySelector<HTMLElement>(`[data-row="${index}"]`)!;
    await fireEvent.keyDown(row(0), { key: ' ' });
    await fireEvent.keyDown(row(0), { key: 'ArrowDown', shiftKey: true });
    await fireEvent.keyDown(row(1), { key: 'ArrowDown', shiftKey: true });
    await waitFor(() => expect(view.rows?.chosen.size).toBe(3), soon);
    await within(shown).findByRole('button', { name: 'Retry 3 of 12 failures' }, soon);
    app.actions.run('batches.retry');
    await waitFor(() => expect(view.current?.name).toBe('Refund replies, February, failures'), soon);
    expect(view.current?.retryOf).toBe('jd3k80');
    await screen.findByRole('button', { name: 'Send 3' }, soon);
    expect((await host.batches()).find(({ id }) => id === view.currentId)?.state).toBe('draft');
  });

  it('are found, sorted, and opened to their bytes', async () => {
    const { view } = await opened();
    const shown = await pane(/Refund replies, February/);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Sort by Milliseconds' }));
    await fireEvent.click(within(shown).getByRole('button', { name: 'Sort by Milliseconds' }));
    expect(view.rows).toMatchObject({ sort: 'milliseconds', descending: true });
    await fireEvent.input(within(shown).getByRole('searchbox', { name: 'Find in rows' }), {
      target: { value: 'נועה' },
    });
    await waitFor(() => expect(view.rows?.total).toBe(166), soon);
    await waitFor(() => expect(grid(shown).querySelector('[data-row="0"]')?.textContent).toContain('נועה'), soon);
    await fireEvent.keyDown(grid(shown).querySelector('[data-row="0"]')!, { key: 'Enter' });
    const dialog = await screen.findByRole('dialog', {}, soon);
    const request = await within(dialog).findByRole('region', { name: 'Request line' }, soon);
    expect(request.textContent).toContain('"temperature": 0.20');
    await fireEvent.click(within(dialog).getByRole('radio', { name: 'Exact' }));
    expect(request.textContent).toContain('"temperature":0.20');
    expect(request.textContent).toContain('\\u00e9, C:\\\\temp');
  });

  it('are saved under a free name in the folder for exports', async () => {
    const { app, host, view } = await opened();
    await pane(/Refund replies, February/);
    await view.save('csv');
    await view.save('csv');
    expect(host.files.map(({ path }) => path)).toEqual([
      '~/Downloads/Refund replies, February.csv',
      '~/Downloads/Refund replies, February (2).csv',
    ]);
    expect(host.files[1]?.text.split('\n')).toHaveLength(2_000);
    expect(app.toasts.list.at(-1)?.text).toBe('Saved ~/Downloads/Refund replies, February (2).csv, 2,000 rows');
  });

  it('are saved in each form, from the menu and from the palette', async () => {
    const { app, host } = await opened();
    const shown = await pane(/Refund replies, February/);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Results' }));
    const menu = await screen.findByRole('menu', {}, soon);
    const names = within(menu)
      .getAllByRole('menuitem')
      .map(({ textContent }) => textContent.trim());
    expect(names).toEqual(['Save as JSONL', 'Save as CSV', 'Save as Parquet', 'Save as HTML report']);
    await fireEvent.click(within(menu).getByRole('menuitem', { name: 'Save as Parquet' }));
    await waitFor(() => expect(host.files).toHaveLength(1), soon);
    for (const form of ['jsonl', 'csv', 'html']) app.actions.run(`batches.save.${form}`);
    await waitFor(() => expect(host.files).toHaveLength(4), soon);
    const endings = host.files.map(({ path }) => path.split('.').at(-1));
    expect([endings[0], ...endings.slice(1).sort()]).toEqual(['parquet', 'csv', 'html', 'jsonl']);
  });

  it('of fifty thousand are fetched a window at a time', async () => {
    const { view } = await opened({ batchRows: 50_000 });
    const shown = await pane(/Refund replies, March/);
    await fireEvent.click(within(shown).getByRole('tab', { name: 'Request file' }));
    await waitFor(() => expect(view.rows?.total).toBe(50_000), soon);
    expect(grid(shown).querySelectorAll('[data-row]').length).toBeLessThan(200);
    expect(grid(shown).getAttribute('aria-rowcount')).toBe('50001');
    const row = (index: number) => grid(shown).querySelector<HTMLElement>(`[data-row="${index}"]`);
    await waitFor(() => expect(row(0)?.textContent).toContain('t-0001'), soon);
    await fireEvent.keyDown(row(0)!, { key: 'End' });
    await waitFor(() => expect(row(49_999)?.textContent).toContain('t-50000'), soon);
    expect(document.activeElement).toBe(row(49_999));
    await fireEvent.keyDown(row(49_999)!, { key: 'a', ctrlKey: true });
    await waitFor(() => expect(view.rows?.chosen.size).toBe(50_000), soon);
    expect(view.rows?.failed.size).toBe(failuresIn(36_775, Math.floor(50_000 / 11.7)));
    await fireEvent.keyDown(row(49_999)!, { key: ' ' });
    expect(view.rows?.chosen.size).toBe(49_999);
  });
});

describe('the file of a batch', () => {
  it('shows each line with a fault, mends it with a click, and is sent with a key', async () => {
    const { app, view } = await opened();
    const shown = await pane(/Warranty triage, full export/);
    const check = await within(shown).findByRole('region', { name: 'File check' }, soon);
    await within(check).findByText(/^5 of 5,000 lines need a look/, {}, soon);
    const rows = within(within(check).getByRole('grid', { name: 'Lines with a fault' })).getAllByRole('row');
    expect(rows.map((row) => row.querySelector('.line')?.textContent)).toEqual(
      ['118', '904', '1,733', '2,950', '4,411'].map((line) => `Line ${line}`),
    );
    expect(rows[0]?.querySelector('u')?.textContent).toBe(',,');
    await fireEvent.click(within(check).getByRole('button', { name: 'Remove comma, line 118' }));
    await within(check).findByRole('button', { name: 'Send 4,996' }, soon);
    await fireEvent.keyDown(rows[1]!, { key: 'Enter' });
    await within(check).findByRole('button', { name: 'Send 4,997' }, soon);
    await fireEvent.click(within(check).getByRole('button', { name: 'Undo, line 904' }));
    await within(check).findByRole('button', { name: 'Send 4,996' }, soon);
    await fireEvent.click(within(check).getByRole('button', { name: 'Leave out 4' }));
    await within(check).findByText(/^Every fault is settled/, {}, soon);
    app.actions.run('batches.send');
    await waitFor(() => expect(view.current?.state).toBe('queued'), soon);
    expect(view.current?.counts.total).toBe(4_996);
  });

  it('comes from the prompt that is open, with its count before anything is made', async () => {
    const { app, host, view } = await opened();
    const { comparison } = app.comparison;
    comparison.draft.dataset = { path: 'tickets.csv', row: 0, off: false };
    app.actions.run('batches.new');
    const dialog = await screen.findByRole('dialog', { name: 'New batch' }, soon);
    const lanes = comparison.lanes.filter(({ muted }) => !muted).length;
    await within(dialog).findByText(`${39 * lanes} requests`, {}, soon);
    const [connection] = host.connections.filter(({ dialect }) => dialect === 'scaigridV1');
    await fireEvent.change(within(dialog).getByRole('combobox', { name: 'Connection' }), {
      target: { value: connection?.id },
    });
    await fireEvent.click(within(dialog).getByRole('radio', { name: '4h' }));
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Add entry' }));
    await fireEvent.input(within(dialog).getByRole('textbox', { name: 'Name of entry 1' }), {
      target: { value: 'team' },
    });
    await fireEvent.input(within(dialog).getByRole('textbox', { name: 'Value of entry 1' }), {
      target: { value: '“é”' },
    });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Build batch' }));
    await waitFor(() => expect(view.current?.state).toBe('draft'), soon);
    expect(view.current).toMatchObject({
      name: comparison.name,
      connection: connection?.id,
      window: '4h',
      metadata: [{ name: 'team', value: '“é”' }],
    });
    await screen.findByRole('button', { name: `Send ${39 * lanes}` }, soon);
  });

  it('has some lines sent live first, which say what failed and what the whole would take', async () => {
    const { app, view } = await opened();
    const shown = await pane(/Warranty triage, full export/);
    const live = await within(shown).findByRole('region', { name: 'Lines sent live' }, soon);
    const field = within(live).getByRole('textbox', { name: 'Lines to send live' });
    await fireEvent.input(field, { target: { value: '101' } });
    expect(view.liveReason).toBe('Send between 1 and 100 lines live');
    await fireEvent.input(field, { target: { value: '12' } });
    await within(live).findByRole('button', { name: 'Send 12 live first' }, soon);
    await fireEvent.keyDown(field, { key: 'Enter' });
    await within(live).findByText(/^11 of 12 lines answered, median 84 tokens out/, {}, soon);
    expect(app.announcement.text).toBe('11 lines of 12 answered live, 1 failed');
    const failed = within(live).getByRole('list', { name: 'Lines that failed live' });
    expect(failed.textContent).toContain('maximum context length is 8,192 tokens');
    within(failed).getByRole('button', { name: 'Open the call of line 11' });
    // 4,995 lines would be sent, each with 91.4 tokens out and at $0.00021.
    expect(live.textContent).toContain('456,543 out');
    expect(live.textContent).toContain('$1.05');
    expect(view.current?.state).toBe('draft');
  });

  it('is taken from pasted lines', async () => {
    const { view } = await opened();
    view.form.open('file');
    view.form.takeText('{"custom_id":"ä"}\n{"custom_id":"ä"}\n{oops\n\n');
    const dialog = await screen.findByRole('dialog', { name: 'New batch' }, soon);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Build batch' }));
    const check = await screen.findByRole('region', { name: 'File check' }, soon);
    await within(check).findByRole('button', { name: 'Leave out 2' }, soon);
    await within(check).findByRole('button', { name: 'Send 1' }, soon);
  });
});

describe('a batch that is not as it should be', () => {
  it('is sent a second time only after a question', async () => {
    const { view } = await opened();
    const shown = await pane(/Product texts, Swedish/);
    expect(shown.textContent).toContain('the answer never came');
    await fireEvent.click(within(shown).getByRole('button', { name: 'Send again' }));
    const dialog = await screen.findByRole('dialog', { name: 'Send this batch again?' }, soon);
    expect(view.current?.state).toBe('unknown');
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Send again' }));
    await waitFor(() => expect(view.current?.state).toBe('queued'), soon);
  });

  it('was refused in the provider’s own words', async () => {
    await opened();
    const shown = await pane(/Embeddings, help centre/);
    expect(shown.textContent).toContain('Line 12: duplicate custom_id “h-0011”. The file was not accepted.');
    expect(shown.textContent).toContain('INVALID_INPUT_FILE');
  });

  it('is forgotten after a question, and the next one is chosen', async () => {
    const { app, view } = await opened();
    await pane(/Tone checks, French/);
    app.actions.run('batches.forget');
    const dialog = await screen.findByRole('dialog', { name: 'Forget this batch?' }, soon);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Forget' }));
    await waitFor(() => expect(view.current?.name).toBe('Warranty triage, sample'), soon);
    expect(screen.queryByRole('option', { name: /Tone checks, French/ })).toBeNull();
  });
});
