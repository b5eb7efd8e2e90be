import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { show, type Shown } from '../with-app/with-app';
import HistoryPage from './HistoryPage.svelte';

async function page(runs = 60): Promise<Shown> {
  const shown = await show(HistoryPage, 'history', { runs });
  await screen.findByRole('grid', { name: 'Runs' });
  await waitFor(() => expect(shown.app.history.facets).not.toBeNull());
  return shown;
}

const field = () => screen.getByRole<HTMLInputElement>('combobox', { name: 'Search runs' });
const rows = () =>
  within(screen.getByRole('grid', { name: 'Runs' }))
    .getAllByRole('row')
    .filter((row) => row.dataset['row'] !== undefined);
const current = () => rows().find((row) => row.getAttribute('aria-current') === 'true');

async function type(text: string): Promise<void> {
  field().value = text;
  field().setSelectionRange(text.length, text.length);
  await fireEvent.input(field());
}

async function press(target: HTMLElement | undefined, key: string, more: KeyboardEventInit = {}): Promise<void> {
  if (!target) throw new Error(`nothing to press ${key} on`);
  await fireEvent.keyDown(target, { key, ...more });
  await tick();
}

beforeEach(() => {
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
});

describe('the history', () => {
  it('names its parts', async () => {
    await page();
    for (const [role, name] of [
      ['combobox', 'Search runs'],
      ['complementary', 'Filters'],
      ['grid', 'Runs'],
      ['region', 'Run preview'],
      ['listbox', 'Calls per day'],
      ['button', 'Restore'],
      ['button', 'Compare'],
      ['button', 'Star run'],
      ['button', 'Run actions'],
      ['button', 'Help with searching'],
      ['textbox', 'Note'],
    ] as const)
      expect(screen.getByRole(role, { name }), `${role} ${name}`).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(field()));
  });

  it('finds while typing, marks the hits and says what it did not understand', async () => {
    const { app } = await page();
    await type('remboursement has:sugar cost>many');
    await waitFor(() => expect(screen.getByText('cost> wants a number')).toBeTruthy());
    expect(field().getAttribute('aria-invalid')).toBe('true');
    await type('remboursement');
    await waitFor(() => expect(app.history.problems).toEqual([]));
    await waitFor(() => expect(rows()[0]?.querySelector('mark')?.textContent).toBe('remboursement'));
    const preview = screen.getByRole('region', { name: 'Run preview' });
    await waitFor(() => expect(preview.querySelector('mark')?.textContent).toBe('remboursement'));
  });

  it('says how many earlier calls are still being indexed until they all are', async () => {
    const { app, host } = await show(HistoryPage, 'history', { runs: 20, indexing: 1240 });
    await screen.findByText(/^Indexing 1,240 earlier calls …/);
    vi.useFakeTimers();
    try {
      host.indexing = 1;
      await app.history.search();
      await tick();
      screen.getByText(/^Indexing 1 earlier call …/);
      host.indexing = 0;
      await vi.advanceTimersByTimeAsync(1_500);
      expect(app.history.facets?.pending, 'it is asked again without a press').toBe(0);
      expect(screen.queryByText(/^Indexing/)).toBeNull();
      expect(vi.getTimerCount(), 'and then no more').toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps filters in the text: boxes, completions and the row of filters write them', async () => {
    const { app } = await page();
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Scale prod' }));
    await waitFor(() => expect(field().value).toBe('connection:"Scale prod"'));
    await fireEvent.click(screen.getByRole('button', { name: 'Add has:error' }));
    await waitFor(() => expect(field().value).toBe('connection:"Scale prod" has:error '));
    await waitFor(() => expect(app.history.rows.every(({ state }) => state === 'failed')).toBe(true));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Scale prod' }));
    await waitFor(() => expect(field().value).toBe('has:error'));
    await fireEvent.click(screen.getByRole('button', { name: 'Clear' }));
    await waitFor(() => expect(field().value).toBe(''));
    await type('mod');
    expect(await screen.findByRole('option', { name: /^model:/ })).toBeTruthy();
    await press(field(), 'ArrowDown');
    expect(field().getAttribute('aria-activedescendant')).toBeTruthy();
    await press(field(), 'Enter');
    await waitFor(() => expect(field().value).toBe('model:'));
    await press(field(), 'ArrowDown');
    await press(field(), 'Tab');
    await waitFor(() => expect(field().value).toMatch(/^model:\S+ $/));
  });

  it('goes by keyboard: arrows, ranges, star, delete with undo', async () => {
    const { app, host } = await page();
    await press(field(), 'ArrowDown');
    await waitFor(() => expect(document.activeElement).toBe(rows()[0]));
    await press(current(), 'ArrowDown');
    await waitFor(() => expect(document.activeElement).toBe(rows()[1]));
    await press(current(), 'ArrowDown', { shiftKey: true });
    await press(current(), 'ArrowDown', { shiftKey: true });
    expect(app.history.chosenRows).toHaveLength(3);
    expect(rows().filter((row) => row.getAttribute('aria-selected') === 'true')).toHaveLength(3);
    const runs = new Set(app.history.chosenRows.map(({ run }) => run));
    await press(current(), 's');
    await waitFor(() => expect(app.history.chosenRows.every(({ starred }) => starred)).toBe(true));
    const before = app.history.rows.length;
    await press(current(), 'Delete');
    await waitFor(() => expect(app.history.rows.some(({ run }) => runs.has(run))).toBe(false));
    app.toasts.list.at(-1)?.action?.run();
    await waitFor(() => expect(app.history.rows).toHaveLength(before));
    await press(current(), 'a', { ctrlKey: true });
    await waitFor(() => expect(app.history.chosenRows).toHaveLength(before));
    expect(host.runRows.length).toBeGreaterThan(0);
  });

  it('restores with Enter', async () => {
    const { app } = await page();
    const row = app.history.rows[0];
    await press(rows()[0], 'Enter');
    await waitFor(() => expect(app.section).toBe('compare'));
    expect(app.runs.shown).toBe(row?.run);
  });

  it('writes a note as it is typed', async () => {
    const { app } = await page();
    const run = app.history.currentRow?.run;
    const note = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Note' });
    note.value = 'worth a second look';
    await fireEvent.input(note);
    await fireEvent.blur(note);
    await waitFor(async () => {
      const { rows: found } = await app.host.search({ text: 'note:second', limit: 9, after: null, offset: 0 });
      expect(new Set(found.map((row) => row.run))).toEqual(new Set([run]));
    });
  });

  it('asks for a day by a press on its bar', async () => {
    const { app } = await page();
    const bars = screen.getByRole('listbox', { name: 'Calls per day' });
    await press(bars, 'ArrowLeft');
    await press(bars, 'Enter');
    await waitFor(() => expect(app.history.text).toMatch(/^after:\d{4}-\d\d-\d\d before:\d{4}-\d\d-\d\d$/));
    const yesterday = new Date();
    yesterday.setDate(yesterday.getDate() - 1);
    expect(app.history.rows.every(({ startedAt }) => new Date(startedAt).getDate() === yesterday.getDate())).toBe(true);
  });

  it('says what to drop when nothing matches', async () => {
    const { app } = await page();
    await app.history.searchFor('xyzzy model:gpt');
    await fireEvent.click(await screen.findByRole('button', { name: 'Drop model:gpt' }));
    await waitFor(() => expect(app.history.text).toBe('xyzzy'));
  });

  it('keeps a search among the filters until it is deleted', async () => {
    const { app } = await page();
    await type('remboursement cost<0.02');
    await fireEvent.click(await screen.findByRole('button', { name: 'Save search' }));
    await type('other words');
    await fireEvent.click(await screen.findByRole('button', { name: 'remboursement cost<0.02' }));
    await waitFor(() => expect(field().value).toBe('remboursement cost<0.02'));
    await fireEvent.click(screen.getByRole('button', { name: 'Delete saved search remboursement cost<0.02' }));
    await waitFor(() => expect(app.settings.searches).toEqual([]));
  });

  it('finds in the preview, letter case aside, and walks from match to match', async () => {
    const { app } = await page();
    app.actions.run('history.find');
    const find = await screen.findByRole<HTMLInputElement>('searchbox', { name: 'Find' });
    await waitFor(() => expect(document.activeElement).toBe(find));
    await fireEvent.input(find, { target: { value: 'RemBours' } });
    const marks = () => [...screen.getByRole('region', { name: 'Run preview' }).querySelectorAll('mark')];
    await waitFor(() => expect(marks().length).toBeGreaterThan(1));
    expect(marks().every(({ textContent }) => textContent?.toLowerCase() === 'rembours')).toBe(true);
    const at = () => marks().findIndex((mark) => mark.hasAttribute('data-current'));
    await waitFor(() => expect(at()).toBe(0));
    await press(find, 'Enter');
    expect(at()).toBe(1);
    await press(find, 'Enter', { shiftKey: true });
    await press(find, 'Enter', { shiftKey: true });
    expect(at()).toBe(marks().length - 1);
    await press(find, 'Escape');
    await waitFor(() => expect(screen.queryByRole('searchbox', { name: 'Find' })).toBeNull());
    expect(marks()).toEqual([]);
  });

  it('saves the chosen runs as a file and tells its path', async () => {
    const { app, host } = await page();
    const copied = vi.fn(() => Promise.resolve());
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: copied }, configurable: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Run actions' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: /Export run as HAR/ }));
    await waitFor(() => expect(host.files).toHaveLength(1));
    await waitFor(() => expect(app.toasts.list.at(-1)?.text).toContain(host.files[0]?.path ?? 'no file'));
    app.toasts.list.at(-1)?.action?.run();
    await waitFor(() => expect(copied).toHaveBeenCalledWith(host.files[0]?.path));
  });

  it('keeps few of 100,000 rows in the page', async () => {
    const { app } = await page(100_000);
    while (app.history.rows.length < 20_000) await app.history.loadMore(20_000);
    await tick();
    expect(document.querySelectorAll('*').length).toBeLessThan(2000);
    expect(app.history.facets?.total).toBeGreaterThanOrEqual(100_000);
  }, 60_000);
});
