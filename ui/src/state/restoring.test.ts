import { describe, expect, it, vi } from 'vitest';
import type { Run } from '../bindings/Run';
import type { SearchRow } from '../bindings/SearchRow';
import type { ToolResult } from '../bindings/ToolResult';
import { MemoryHost } from '../platform/memory';
import { App } from './app.svelte';
import { compareCells, restoreRun, sideBySide } from './restoring';

async function open(): Promise<{ app: App; host: MemoryHost }> {
  const host = new MemoryHost();
  const app = new App(host);
  await app.start('compare');
  return { app, host };
}

/** A run of what is open, as it stands once all is said. */
async function ran(app: App): Promise<Run> {
  await app.runs.start();
  const id = app.runs.shown;
  if (id === null) throw new Error('nothing ran');
  await app.runs.stopAll();
  return await app.host.openRun(id);
}

/** What each lane would send now. */
async function bodies(app: App): Promise<string[]> {
  const comparison = app.comparison.snapshot();
  const previews = await Promise.all(comparison.lanes.map(({ id }) => app.host.preview(comparison, id)));
  return previews.map((preview) => (preview.kind === 'ready' ? preview.request.body : ''));
}

const sentBy = (run: Run): (string | undefined)[] => run.cells.map(({ request }) => request?.body);

describe('restoring a run', () => {
  it('opens the comparison it came from while that is unchanged', async () => {
    const { app } = await open();
    const run = await ran(app);
    const sent = await bodies(app);
    await app.openComparison('tone-checks');
    await restoreRun(app, run.summary.id, run.cells[1]?.id ?? null);
    expect(app.comparison.comparison.id).toBe('refund-reply');
    expect(app.comparison.currentLane).toBe(run.cells[1]?.lane);
    expect(app.runs.shown).toBe(run.summary.id);
    expect(await bodies(app)).toEqual(sent);
  });

  it('opens a new one beside it when it has changed, which sends what the run sent', async () => {
    const { app, host } = await open();
    app.comparison.setVariable('customer', 'Zoë "𝄞" \\ \n');
    const run = await ran(app);
    const sent = await bodies(app);
    app.comparison.setVariable('customer', 'Somebody else');
    app.comparison.setParameter(app.comparison.comparison.lanes[0]?.id ?? '', 'temperature', '1.0');
    await restoreRun(app, run.summary.id);
    const restored = app.comparison.comparison;
    expect(restored.id).not.toBe('refund-reply');
    expect(restored.name).toMatch(/^Refund reply, \d+ \w+ \d\d:\d\d$/);
    expect(await bodies(app)).toEqual(sent);
    expect(sentBy(run).every((body) => body === undefined || sent.includes(body))).toBe(true);
    // What was typed meanwhile is where it was.
    expect(host.comparisons.get('refund-reply')?.draft.variables[0]?.value).toBe('Somebody else');
  });

  it('does not make a second copy of what was restored before', async () => {
    const { app } = await open();
    const run = await ran(app);
    app.comparison.setVariable('customer', 'Somebody else');
    await restoreRun(app, run.summary.id);
    const first = app.comparison.comparison.id;
    await app.openComparison('refund-reply');
    await restoreRun(app, run.summary.id);
    expect(app.comparison.comparison.id).toBe(first);
  });

  it('goes back with Undo, and takes the copy away', async () => {
    const { app, host } = await open();
    const run = await ran(app);
    app.comparison.setVariable('customer', 'Somebody else');
    await restoreRun(app, run.summary.id);
    const copy = app.comparison.comparison.id;
    const toast = app.toasts.list.at(-1);
    expect(toast?.text).toMatch(/^Opened as Refund reply, /);
    toast?.action?.run();
    await vi.waitFor(() => expect(app.comparison.comparison.id).toBe('refund-reply'));
    await vi.waitFor(() => expect(host.comparisonRows.map(({ id }) => id)).not.toContain(copy));
    expect(app.comparison.variable('customer')).toBe('Somebody else');
  });
});

describe('calls side by side', () => {
  it('have lanes that send what each of them sent', async () => {
    const { app, host } = await open();
    const one = await ran(app);
    app.comparison.setVariable('customer', 'Søren');
    app.comparison.setParameter(app.comparison.comparison.lanes[0]?.id ?? '', 'seed', '20000000000000000001');
    const other = await ran(app);
    const sent = async (run: Run, index: number) => {
      const preview = await host.preview(run.snapshot, run.snapshot.lanes[index]?.id ?? '');
      return preview.kind === 'ready' ? (JSON.parse(preview.request.body) as unknown) : null;
    };
    const wanted = [await sent(one, 0), await sent(other, 1), await sent(other, 0)];
    const side = sideBySide(
      [
        { snapshot: one.snapshot, cell: one.cells[0]! },
        { snapshot: other.snapshot, cell: other.cells[1]! },
        { snapshot: other.snapshot, cell: other.cells[0]! },
      ],
      'Side by side',
    );
    if (!side) throw new Error('nothing to compare');
    expect(side.comparison.lanes.map(({ forkedMessages }) => forkedMessages === null)).toEqual([true, false, false]);
    const now = await Promise.all(
      side.comparison.lanes.map(async ({ id }) => {
        const preview = await host.preview(side.comparison, id);
        return preview.kind === 'ready' ? (JSON.parse(preview.request.body) as unknown) : null;
      }),
    );
    expect(now).toEqual(wanted);
    expect(side.cells.map(({ lane }) => lane)).toEqual(side.comparison.lanes.map(({ id }) => id));
  });

  it('open with their answers', async () => {
    const { app } = await open();
    const { rows } = await app.host.search({ text: 'status:finished', limit: 2, after: null, offset: 0 });
    await compareCells(app, rows);
    expect(app.comparison.comparison.lanes).toHaveLength(2);
    const answers = app.comparison.comparison.lanes.map(({ id }) => app.runs.cellOfLane(id)?.answer());
    expect(answers.every((answer) => (answer?.length ?? 0) > 20)).toBe(true);
  });

  it('of a dialogue have what was said before them as messages of their own', async () => {
    const host = new MemoryHost({ dialogue: 'step' });
    const app = new App(host);
    await app.start('compare');
    const lane = app.comparison.comparison.lanes[0]!.id;
    await app.runs.start([lane]);
    const run = host.runs.get(app.runs.shown!)!;
    await vi.waitFor(() => expect(run.cells[0]!.state.kind).toBe('finished'));
    const given = (id: string): ToolResult => ({
      id,
      name: id,
      origin: { kind: 'hand' },
      state: { kind: 'given', reply: { kind: 'output', text: `“${id}”` } },
      elapsedMs: null,
    });
    const results = ['call_weather', 'call_time'].map(given);
    const next = await host.answerCalls(run.cells[0]!.id, { choice: 0, results, arguments: [] });
    await vi.waitFor(() => expect(run.cells[1]?.state.kind).toBe('finished'));
    const row = (cell: string) => ({ run: run.summary.id, cell, name: 'Steps' }) as SearchRow;
    await compareCells(app, [row(run.cells[0]!.id), row(next.id)]);
    const [first, second] = app.comparison.comparison.lanes;
    const words = (of: typeof first) => app.comparison.messagesOf(of!.id).map(({ role }) => role);
    expect(words(second)).toEqual([...words(first), 'assistant', 'tool', 'tool']);
  });
});
