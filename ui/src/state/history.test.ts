import { describe, expect, it, vi } from 'vitest';
import type { SearchPage } from '../bindings/SearchPage';
import { MemoryHost } from '../platform/memory';
import { App } from './app.svelte';

async function open(runs = 0): Promise<{ app: App; host: MemoryHost }> {
  const host = new MemoryHost({ runs });
  const app = new App(host);
  await app.start('history');
  await app.history.open();
  return { app, host };
}

describe('searching', () => {
  it('never shows an answer to what is no longer asked', async () => {
    const { app, host } = await open(50);
    const search = host.search;
    let answer: (page: SearchPage) => void = () => {};
    host.search = (query) =>
      query.text === 'slow' ? new Promise<SearchPage>((resolve) => (answer = resolve)) : search(query);
    const slow = app.history.searchFor('slow');
    await app.history.searchFor('remboursement');
    const found = app.history.rows;
    answer({ rows: [], more: false, took: 900, problems: [] });
    await slow;
    expect(app.history.rows).toBe(found);
    expect(found.length).toBeGreaterThan(0);
  });

  it('pages on without gap or repetition', async () => {
    const { app } = await open(1500);
    while (await app.history.loadMore());
    const cells = app.history.rows.map(({ cell }) => cell);
    expect(cells.length).toBeGreaterThanOrEqual(1500);
    expect(new Set(cells).size).toBe(cells.length);
    expect(app.history.rows.every((row, index, all) => row.startedAt <= (all[index - 1]?.startedAt ?? Infinity))).toBe(
      true,
    );
  });

  it('says why it found nothing when it failed, and keeps what is there', async () => {
    const { app, host } = await open(20);
    const before = app.history.rows;
    host.search = () => Promise.reject({ kind: 'storage', message: 'disk is gone' });
    await app.history.searchFor('light');
    expect(app.history.failure).toContain('disk is gone');
    expect(app.history.rows).toBe(before);
  });
});

describe('keeping', () => {
  it('deletes whole runs, moves on to the next call and brings all back', async () => {
    const { app, host } = await open(20);
    const { history } = app;
    const run = app.history.rows.find(({ lanes }) => lanes > 1)?.run ?? '';
    const before = history.rows.map(({ cell }) => cell);
    history.choose(history.rows.find((row) => row.run === run)?.cell ?? '');
    await history.delete([run]);
    expect(history.rows.some((row) => row.run === run)).toBe(false);
    expect(app.recentRuns.some(({ id }) => id === run)).toBe(false);
    expect(host.runRows.some(({ id }) => id === run)).toBe(false);
    expect(history.currentRow).not.toBeNull();
    app.toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(history.rows.map(({ cell }) => cell)).toEqual(before));
    expect(app.recentRuns.some(({ id }) => id === run)).toBe(true);
  });

  it('puts everything back when deleting failed', async () => {
    const { app, host } = await open(20);
    const before = app.history.rows;
    host.deleteRuns = () => Promise.reject({ kind: 'storage', message: 'read only' });
    await app.history.delete([before[0]?.run ?? '']);
    expect(app.history.rows).toBe(before);
    expect(app.toasts.list.at(-1)?.tone).toBe('bad');
  });

  it('does not delete a run that runs', async () => {
    const { app } = await open();
    await app.runs.start();
    const run = app.runs.shown ?? '';
    await app.history.delete([run]);
    expect(app.toasts.list.at(-1)?.text).toBe('Stop the run first');
    expect(app.recentRuns.some(({ id }) => id === run)).toBe(true);
    await app.runs.stopAll();
  });

  it('stars a run in every list, and takes it back when that failed', async () => {
    const { app, host } = await open();
    const run = app.recentRuns[0]?.id ?? '';
    await app.history.setStarred([run], true);
    expect([app.recentRuns[0]?.starred, host.runRows[0]?.starred]).toEqual([true, true]);
    host.starRun = () => Promise.reject({ kind: 'storage', message: 'read only' });
    await app.history.setStarred([run], false);
    expect(app.recentRuns[0]?.starred).toBe(true);
  });

  it('writes a note that was typed before the window closes', async () => {
    const { app, host } = await open();
    const run = app.history.rows[0]?.run ?? '';
    app.history.setNote(run, 'à revoir “demain” 💡');
    await host.close();
    expect(host.runRows.find(({ id }) => id === run)?.note).toBe('à revoir “demain” 💡');
  });
});

describe('what the day has used', () => {
  it('is read at the start and after each run', async () => {
    const { app } = await open();
    await vi.waitFor(() => expect(app.history.totals).not.toBeNull());
    const before = app.history.totals?.calls ?? 0;
    await app.runs.start();
    await app.runs.stopAll();
    await vi.waitFor(() => expect(app.history.totals?.calls).toBe(before + 3));
  });
});

describe('saved searches', () => {
  it('are kept in the settings, once each, and come back where they were', async () => {
    const { app } = await open();
    const { saved } = app.history;
    expect(saved.reason('  ')).toBe('Nothing is searched for');
    for (const text of ['has:error', ' "größer" cost<0.02 ', 'model:x']) saved.save(text);
    expect(app.settings.searches).toEqual(['has:error', '"größer" cost<0.02', 'model:x']);
    expect(saved.reason('model:x ')).toBe('This search is saved');
    saved.save('model:x');
    saved.remove('"größer" cost<0.02');
    expect(saved.texts).toEqual(['has:error', 'model:x']);
    app.toasts.list.at(-1)?.action?.run();
    expect(saved.texts).toEqual(['has:error', '"größer" cost<0.02', 'model:x']);
  });
});
