import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cell } from '../../bindings/Cell';
import type { Check } from '../../bindings/Check';
import { refundReply } from '../../platform/memory/data';
import { emptyCell, played, requestOf, script } from '../../platform/memory/run';
import type { MemoryHost } from '../../platform/memory';
import type { App } from '../../state/app.svelte';
import { laneView } from '../compare/lane-view.svelte';
import ComparePage from '../shell/ComparePage.svelte';
import { show } from '../with-app/with-app';
import { diffView } from './diff-view.svelte';

const answers = [
  ['The order is here. Bye.', 'The order is there. Bye.', 'First.'],
  ['The parcel is here. Bye.', 'The order was there. Bye.', 'Second.'],
];
const checks: Check[] = [
  { name: 'Names the order', rule: { kind: 'contains', text: 'order', ignoreCase: false, not: false } },
];

let app: App;
let host: MemoryHost;

/** A run that is over, with these answers. */
function runOf(host: MemoryHost) {
  const snapshot = structuredClone(refundReply);
  snapshot.lanes = snapshot.lanes.slice(0, 2);
  snapshot.repeats = 3;
  snapshot.draft.checks = checks;
  const cells = snapshot.lanes.flatMap((lane, laneIndex) =>
    answers[laneIndex]!.map((text, repeat): Cell => {
      const connection = host.connections.find(({ id }) => id === lane.connection)!;
      const queued = emptyCell(`c-${laneIndex}-${repeat}`, 'run-d', snapshot, laneIndex, repeat, connection);
      const cell = played(script(queued, requestOf(snapshot, lane, connection, connection.baseUrl), [], 1_000));
      return { ...cell, outcome: { ...cell.outcome, choices: cell.outcome.choices.map((one) => ({ ...one, text })) } };
    }),
  );
  const summary = { ...host.runRows[0]!, id: 'run-d', comparison: snapshot.id, cells: 6, lanes: 2 };
  return { summary, snapshot, cells };
}

beforeEach(async () => {
  laneView.view = 'diff';
  diffView.granularity = 'words';
  diffView.inStep = true;
  ({ app, host } = await show(ComparePage));
  const run = runOf(host);
  host.runs.set(run.summary.id, run);
  app.comparison.open(structuredClone(run.snapshot));
  await app.runs.restore(run);
});
afterEach(() => (laneView.view = 'answers'));

const lane = (letter: string) => within(screen.getByRole('region', { name: `Lane ${letter}` }));
const texts = (letter: string, kind: 'del' | 'ins') =>
  [...lane(letter).getByRole('log').querySelectorAll(kind)].map((one) => one.textContent);
const answer = (letter: string) => lane(letter).getByRole('log').textContent?.trim();

describe('a lane held against the base', () => {
  it('shows what went struck and what came underlined, and how much was kept', async () => {
    await waitFor(() => expect(texts('B', 'del')).toEqual(['order']));
    expect(texts('B', 'ins')).toEqual(['parcel']);
    expect(texts('A', 'del')).toEqual([]);
    expect(answer('A')).toBe('The order is here. Bye.');
    expect(screen.getByRole('region', { name: 'Lane B' }).textContent).toMatch(/\+1 −1\s+words?, 80 % kept/);
    expect(lane('A').getByText('5 words')).toBeTruthy();
    expect(lane('A').getByText('Base')).toBeTruthy();
  });

  it('shows which keys of its request differ', async () => {
    const keys = await lane('B').findByRole('group', { name: 'Request of lane B against the base' });
    await waitFor(() => expect(keys.textContent).toMatch(/temperature\s*0\.2\s*0\.9/));
    expect(keys.querySelector('del')?.textContent).toBe('openai/gpt-4o');
    expect(keys.textContent).toMatch(/5 other keys equal/);
    expect(lane('A').getByRole('group', { name: 'Request of lane A, the base' }).textContent).toMatch(
      /temperature\s*0\.2/,
    );
  });

  it('compares sentences', async () => {
    await fireEvent.click(screen.getByRole('radio', { name: 'Sentences' }));
    await waitFor(() => expect(texts('B', 'del')).toEqual(['The order is here.']));
    expect(texts('B', 'ins')).toEqual(['The parcel is here.']);
  });

  it('becomes the base', async () => {
    await fireEvent.click(lane('B').getByRole('button', { name: 'Make base, lane B' }));
    await waitFor(() => expect(texts('A', 'ins')).toEqual(['order']));
    expect(texts('A', 'del')).toEqual(['parcel']);
    expect(texts('B', 'del')).toEqual([]);
    expect(app.announcement.text).toBe('Lane B is the base');
    await fireEvent.click(lane('A').getByRole('button', { name: 'Make base, lane A' }));
  });

  it('steps through the samples of all lanes, or of one', async () => {
    await fireEvent.click(lane('B').getByRole('button', { name: 'Next sample' }));
    await waitFor(() => expect(answer('A')).toBe('The order is there. Bye.'));
    expect(texts('B', 'del')).toEqual(['is']);
    expect(texts('B', 'ins')).toEqual(['was']);
    expect(lane('A').getByText('2 / 3')).toBeTruthy();
    await fireEvent.click(screen.getByRole('switch', { name: 'Keep samples in step' }));
    await fireEvent.click(lane('B').getByRole('button', { name: 'Next sample' }));
    await waitFor(() => expect(lane('B').getByText('3 / 3')).toBeTruthy());
    expect(lane('A').getByText('2 / 3')).toBeTruthy();
    app.comparison.selectLane(app.comparison.comparison.lanes[1]!.id);
    expect(app.actions.run('diff.previousSample')).toBe(true);
    await waitFor(() => expect(lane('B').getByText('2 / 3')).toBeTruthy());
  });

  it('is stepped through by key, from the end back to the beginning', async () => {
    await waitFor(() => expect(texts('B', 'del')).toEqual(['order']));
    const all = document.querySelectorAll('[data-difference]').length;
    const seen: string[] = [];
    for (let step = 0; step <= all; step += 1) {
      expect(app.actions.run('diff.next')).toBe(true);
      seen.push(app.announcement.text);
    }
    expect(seen).toEqual([
      ...Array.from({ length: all }, (_, at) => `Difference ${at + 1} of ${all}`),
      `Difference 1 of ${all}`,
    ]);
    app.actions.run('diff.previous');
    expect(document.activeElement?.querySelector('ins')?.textContent).toBe('parcel');
  });

  it('says which checks it passes', async () => {
    const chips = await lane('B').findByRole('list', { name: 'Checks of lane B' });
    expect(chips.textContent).toContain('Names the order, failed');
    expect((await lane('A').findByRole('list', { name: 'Checks of lane A' })).textContent).toContain('passed');
  });
});

describe('the repeats of a run', () => {
  const panel = () => within(screen.getByRole('region', { name: 'Repeats' }));

  it('say in words whether a lane is better', async () => {
    expect(await panel().findByText('B against A')).toBeTruthy();
    expect(panel().getByText('Cannot tell')).toBeTruthy();
    expect(
      panel().getByText(/1 of 3 pass all checks against 2 of 3\. Telling 33 points apart would take about/),
    ).toBeTruthy();
    const rates = panel().getByRole('table', { name: 'Names the order' });
    expect(within(rates).getByText('2/3')).toBeTruthy();
    expect(panel().getByRole('table', { name: 'Different answers' }).textContent).toContain('3 of 3');
  });

  it('are exported as a table', async () => {
    await panel().findByText('B against A');
    const saved: string[] = [];
    host.saveText = async (name, text) => {
      saved.push(name, text);
      return { path: `/${name}`, bytes: text.length };
    };
    await fireEvent.click(panel().getByRole('button', { name: 'Export CSV' }));
    await waitFor(() => expect(saved[0]).toBe('Refund reply repeats.csv'));
    const [head, first, second] = saved[1]!.split('\r\n');
    expect(head).toContain('Names the order: passed');
    expect(first).toMatch(/^A,openai\/gpt-4o,yes,3,0,0,2,3,/);
    expect(second).toMatch(/^B,llama-3\.3-70b,no,3,0,0,1,3,/);
  });

  it('can be had again', async () => {
    await panel().findByText('B against A');
    await fireEvent.click(panel().getByRole('button', { name: 'Run 3 more' }));
    await waitFor(() => expect(app.runs.shown).not.toBe('run-d'));
    expect(app.runs.pool).toEqual(['run-d', app.runs.shown]);
    expect(app.runs.cells).toHaveLength(12);
    expect(app.runs.dialoguesOfLane(app.comparison.currentLane)).toHaveLength(6);
    await app.runs.stopAll();
    await app.runs.showRun('run-d');
    expect(app.runs.pool).toEqual(['run-d']);
  });
});

describe('checks', () => {
  it('are written in a table, and take a name from their rule', async () => {
    app.actions.run('checks.open');
    const dialog = within(await screen.findByRole('dialog', { name: 'Checks' }));
    await fireEvent.click(dialog.getByRole('button', { name: 'Add check' }));
    await fireEvent.change(dialog.getByRole('combobox', { name: 'Kind of check 2' }), { target: { value: 'length' } });
    const most = dialog.getByRole<HTMLInputElement>('textbox', { name: 'At most, check 2' });
    most.value = '80';
    await fireEvent.change(most);
    await fireEvent.click(dialog.getByRole('button', { name: 'Done' }));
    expect(app.comparison.snapshot().draft.checks).toEqual([
      ...checks,
      { name: 'At most 80 words', rule: { kind: 'length', unit: 'words', least: null, most: 80 } },
    ]);
  });
});
