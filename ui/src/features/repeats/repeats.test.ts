import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cell } from '../../bindings/Cell';
import type { Check } from '../../bindings/Check';
import type { Run } from '../../bindings/Run';
import { refundReply } from '../../platform/memory/data';
import { emptyCell, played, requestOf, script } from '../../platform/memory/run';
import type { MemoryHost } from '../../platform/memory';
import type { App } from '../../state/app.svelte';
import { laneView } from '../compare/lane-view.svelte';
import ComparePage from '../shell/ComparePage.svelte';
import { show } from '../with-app/with-app';
import { checkProblem, checksView, parameterLines, parametersOf } from './checks-view.svelte';
import { judgesView } from './judges-view.svelte';

const contains = (text: string): Check => ({
  name: `Says ${text}`,
  rule: { kind: 'contains', text, ignoreCase: false, not: false },
});
const judge: Check = {
  name: 'Kind',
  rule: {
    kind: 'judge',
    connection: 'sandbox-openai',
    endpoint: 'chat',
    model: 'sandbox/judge',
    prompt: 'It says "order". <answer>{{answer}}</answer>',
    repeats: 3,
    parameters: [],
  },
};

let app: App;
let host: MemoryHost;

/** A run that is over: what lane A and lane B said, time after time. */
function runOf(id: string, answers: readonly string[][], checks: Check[]): Run {
  const snapshot = structuredClone(refundReply);
  snapshot.lanes = snapshot.lanes.slice(0, 2);
  snapshot.repeats = answers[0]!.length;
  snapshot.draft.checks = checks;
  const cells = snapshot.lanes.flatMap((lane, laneIndex) =>
    answers[laneIndex]!.map((text, repeat): Cell => {
      const connection = host.connections.find((one) => one.id === lane.connection)!;
      const queued = emptyCell(`${id}-${laneIndex}-${repeat}`, id, snapshot, laneIndex, repeat, connection);
      const cell = played(script(queued, requestOf(snapshot, lane, connection, connection.baseUrl), [], 1_000));
      return { ...cell, outcome: { ...cell.outcome, choices: cell.outcome.choices.map((one) => ({ ...one, text })) } };
    }),
  );
  const summary = {
    ...host.runRows[0]!,
    id,
    comparison: snapshot.id,
    cells: cells.length,
    finished: cells.length,
    unfinished: 0,
    lanes: 2,
    live: false,
  };
  return { summary, snapshot, cells };
}

async function opened(runs: readonly Run[]): Promise<void> {
  for (const run of runs) host.runs.set(run.summary.id, run);
  app.comparison.open(structuredClone(runs[0]!.snapshot));
  await app.runs.restore(runs[0]!);
}

const panel = () => within(screen.getByRole('region', { name: 'Repeats' }));
const chips = (letter: string) => screen.findByRole('list', { name: `Checks of lane ${letter}` });

beforeEach(async () => {
  laneView.view = 'diff';
  ({ app, host } = await show(ComparePage));
});
afterEach(() => {
  laneView.view = 'answers';
  checksView.byNow = false;
  judgesView.said = null;
});

describe('runs that sent the same', () => {
  it('are counted together when that is wanted, and stepped through', async () => {
    const answers = [
      ['order', 'x'],
      ['x', 'x'],
    ];
    const more = runOf('run-2', answers, []);
    const other = runOf('run-3', answers, []);
    other.snapshot.draft.messages = other.snapshot.draft.messages.slice(1);
    await opened([runOf('run-1', answers, [contains('order')]), more, other]);
    await fireEvent.click(await panel().findByRole('button', { name: 'Add 1 earlier run' }));
    expect(await panel().findByText('2 runs together')).toBeTruthy();
    await waitFor(() =>
      expect(within(panel().getByRole('table', { name: 'Says order' })).getByText('2/4')).toBeTruthy(),
    );
    expect(app.runs.dialoguesOfLane(app.comparison.currentLane).map(([cell]) => cell?.id)).toEqual([
      'run-1-0-0',
      'run-1-0-1',
      'run-2-0-0',
      'run-2-0-1',
    ]);
    app.runs.clear();
    expect(app.runs.pool).toEqual([]);
  });
});

describe('past answers', () => {
  it('are judged by the checks of their run, or by those of now', async () => {
    await opened([runOf('run-1', [['order'], ['x']], [contains('order')])]);
    expect((await chips('B')).textContent).toContain('Says order, failed');
    expect(panel().queryByRole('switch', { name: 'Judge by the checks of now' })).toBeNull();
    app.comparison.comparison.draft.checks = [contains('x')];
    await fireEvent.click(await panel().findByRole('switch', { name: 'Judge by the checks of now' }));
    await waitFor(async () => expect((await chips('B')).textContent).toContain('Says x, passed'));
    expect(await panel().findByRole('table', { name: 'Says x' })).toBeTruthy();
  });
});

describe('a judge', () => {
  it('is asked when that is wanted, and what it said can be read', async () => {
    await opened([runOf('run-1', [['the order'], ['nothing']], [judge])]);
    expect((await chips('A')).textContent).toContain('Kind, not judged. The judge was not asked yet.');
    expect(await panel().findByText(/2 answers not judged\. 6 calls, from/)).toBeTruthy();
    await fireEvent.click(panel().getByRole('button', { name: 'Ask the judge' }));
    await waitFor(async () => expect((await chips('A')).textContent).toContain('Kind, passed'), { timeout: 10_000 });
    await waitFor(async () => expect((await chips('B')).textContent).toContain('Kind, failed'));
    await waitFor(() => expect(panel().queryByRole('region', { name: 'Judge' })).toBeNull());
    await fireEvent.click(within(await chips('B')).getByRole('button', { name: /What the judge said/ }));
    expect(judgesView.said?.verdicts).toHaveLength(3);
    const dialog = within(await screen.findByRole('dialog', { name: 'Kind' }));
    expect(dialog.getAllByText('FAIL')).toHaveLength(3);
    const openRun = app.openRun.bind(app);
    const asked: (string | null)[] = [];
    app.openRun = (run, cell = null) => {
      asked.push(run, cell);
      return Promise.resolve();
    };
    await fireEvent.click(dialog.getByRole('button', { name: 'Open call 2 of the judge' }));
    app.openRun = openRun;
    expect(asked).toEqual(['run-1', 'run-1-1-0']);
  });

  it('is written with its prompt, its calls and its parameters', async () => {
    await opened([runOf('run-1', [['a'], ['b']], [contains('a')])]);
    app.actions.run('checks.open');
    const dialog = within(await screen.findByRole('dialog', { name: 'Checks' }));
    await fireEvent.change(dialog.getByRole('combobox', { name: 'Kind of check 1' }), { target: { value: 'judge' } });
    const prompt = dialog.getByRole<HTMLTextAreaElement>('textbox', { name: 'Prompt of the judge, check 1' });
    expect(prompt.value).toContain('{{answer}}');
    await fireEvent.input(prompt, { target: { value: 'Good? {{question}}' } });
    expect(dialog.getByText('Write {{answer}} where the judge is to read the answer')).toBeTruthy();
    await fireEvent.input(prompt, { target: { value: 'Good? {{answer}}' } });
    const parameters = dialog.getByRole('textbox', { name: /^Parameters of the judge/ });
    await fireEvent.input(parameters, { target: { value: 'temperature: 0.00\nstop: ["\\n"]' } });
    const times = dialog.getByRole<HTMLInputElement>('textbox', { name: 'Calls about each answer, check 1' });
    times.value = '5';
    await fireEvent.change(times);
    const { rule } = app.comparison.snapshot().draft.checks[0]!;
    expect(rule).toMatchObject({
      kind: 'judge',
      connection: refundReply.lanes[0]!.connection,
      model: refundReply.lanes[0]!.model,
      prompt: 'Good? {{answer}}',
      repeats: 5,
      parameters: [
        { name: 'temperature', json: '0.00' },
        { name: 'stop', json: '["\\n"]' },
      ],
    });
    await fireEvent.click(dialog.getByRole('button', { name: 'Done' }));
  });

  it('is any model of any connection that can be asked', async () => {
    await opened([runOf('run-1', [['a'], ['b']], [judge])]);
    app.comparison.comparison.draft.checks = [structuredClone(judge)];
    app.actions.run('checks.open');
    const checks = within(await screen.findByRole('dialog', { name: 'Checks' }));
    await fireEvent.click(checks.getByRole('button', { name: 'Choose the model of the judge, check 1' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Model of the judge' }));
    await fireEvent.change(dialog.getByRole('combobox', { name: 'Connection' }), { target: { value: 'scaigrid-eu' } });
    await fireEvent.click(await dialog.findByRole('option', { name: /^mistral-small-3/ }, { timeout: 10_000 }));
    expect(screen.queryByRole('dialog', { name: 'Model of the judge' })).toBeNull();
    const { rule } = app.comparison.snapshot().draft.checks[0]!;
    expect(rule).toEqual({ ...judge.rule, connection: 'scaigrid-eu', model: 'mistral-small-3' });
    const model = checks.getByRole<HTMLInputElement>('textbox', { name: 'Model of the judge, check 1' });
    expect(model.value).toBe('mistral-small-3');
    await fireEvent.click(checks.getByRole('button', { name: 'Done' }));
  });

  it('has parameters that keep their spelling, and says what is no parameter', () => {
    const lines = 'temperature: 1.0\nstop: ["a:b"]\nhalf';
    expect(parameterLines(parametersOf(`${lines}\n\n`))).toBe(lines);
    const problem = (parameters: string) =>
      checkProblem({ ...judge, rule: { ...judge.rule, parameters: parametersOf(parameters) } as Check['rule'] });
    expect(problem('temperature: 1.0')).toBeNull();
    expect(problem('half')).toContain('half has no value');
    expect(problem(': 1')).toContain('A parameter has no value');
  });
});
