import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Run } from '../../bindings/Run';
import type { ToolPlan } from '../../bindings/ToolPlan';
import type { ToolReplies } from '../../bindings/ToolReplies';
import type { ToolRule } from '../../bindings/ToolRule';
import { MemoryHost } from '../../platform/memory';
import { connections } from '../../platform/memory/data';
import { choiceOf } from '../../platform/memory/items';
import { emptyCell } from '../../platform/memory/run';
import { sample } from '../../platform/memory/samples';
import { App } from '../../state/app.svelte';
import { painter } from '../../state/runs/painter';
import { allActions } from '../all-actions';
import { laneView } from '../compare/lane-view.svelte';
import LanesInApp from '../compare/LanesInApp.svelte';

class WatchedHost extends MemoryHost {
  started: Run[] = [];
  answered: ToolReplies[] = [];
  override async startRun(...given: Parameters<MemoryHost['startRun']>): Promise<Run> {
    const run = await super.startRun(...given);
    this.started.push(run);
    return run;
  }
}

let host: WatchedHost;
let app: App;
let lane: string;
let detach: () => void;
let painting: ReturnType<typeof setInterval>;

async function open(endpoint: EndpointKind, plan: Partial<ToolPlan> = {}): Promise<void> {
  laneView.view = 'answers';
  host = new WatchedHost({ endpoints: [endpoint] });
  const answer = host.answerCalls;
  host.answerCalls = (cell, replies) => {
    host.answered.push(replies);
    return answer(cell, replies);
  };
  app = new App(host);
  await app.start('compare');
  app.actions.register(allActions(app));
  detach = app.actions.attach(window);
  app.runs.clear();
  lane = app.comparison.comparison.lanes[0]!.id;
  app.comparison.setModel(lane, 'sandbox/tools-steps');
  Object.assign(app.comparison.comparison.draft.toolPlan, plan);
  for (const name of app.comparison.missingVariables) app.comparison.setVariable(name, 'x');
  render(LanesInApp, { app });
  await app.runs.start([lane]);
}

beforeEach(() => {
  painting = setInterval(() => painter.paint(), 10);
});
afterEach(() => {
  clearInterval(painting);
  detach();
});

const slow = { timeout: 5000 };
const shown = () => within(screen.getByRole('region', { name: 'Lane A' }));
const field = (name: string) => shown().findByRole('textbox', { name }, slow);
const button = (name = 'Send results') => shown().getByRole('button', { name });
const write = async (name: string, text: string) => {
  await fireEvent.input(await field(name), { target: { value: text } });
};
const says = (words: string) => waitFor(() => expect(shown().getByRole('log').textContent).toContain(words), slow);
const texts = ({ results }: ToolReplies) =>
  results.map(({ id, origin, state }) => [
    id,
    origin.kind,
    state.kind === 'given' && state.reply.kind === 'output' ? state.reply.text : state,
  ]);
const text = (tool: string, words: string): ToolRule => ({ tool, when: [], gives: { kind: 'text', text: words } });
const http = (tool: string, url: string): ToolRule => ({
  tool,
  when: [],
  gives: { kind: 'http', url, timeoutMs: 1000 },
});

describe('a dialogue by hand', () => {
  beforeEach(() => open('chat'));

  it('goes on in the same run when each call has its result, and leaves the messages alone', async () => {
    const messages = JSON.stringify(app.comparison.messagesOf(lane));
    await write('Result of get_weather', '21 °C');
    expect(button().getAttribute('aria-disabled')).toBe('true');
    await fireEvent.click(button());
    expect(host.answered).toHaveLength(0);
    await fireEvent.click(shown().getByRole('checkbox', { name: 'Send empty result of get_time' }));
    await fireEvent.click(button());
    await write('Result of get_alerts', 'none');
    await fireEvent.click(button());
    await says('Known: 21 °C, nothing, none.');
    expect(host.answered.map(texts)).toEqual([
      [
        ['call_weather', 'hand', '21 °C'],
        ['call_time', 'hand', ''],
      ],
      [['call_alerts', 'hand', 'none']],
    ]);
    expect(host.started).toHaveLength(1);
    expect(JSON.stringify(app.comparison.messagesOf(lane))).toBe(messages);
    expect(shown().queryByRole('button', { name: 'Send results' })).toBeNull();
  });

  it('goes with Ctrl+Enter from within a field, and that runs no other lane', async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    const last = await field('Result of get_time');
    last.focus();
    await tick();
    await fireEvent.keyDown(last, { key: 'Enter', code: 'Enter', ctrlKey: true });
    await field('Result of get_alerts');
    expect(document.activeElement, 'the focus is not lost').toBe(shown().getByRole('log'));
    expect(host.started).toHaveLength(1);
  });

  it('folds its steps to what was called and given, and shows the one that is chosen', async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await write('Result of get_alerts', 'none');
    const first = within(shown().getByRole('group', { name: 'Step 1, lane A' }));
    expect(first.getByRole('group', { name: 'Result of get_weather, given' }).textContent).toMatch(
      /get_weather.*"Ås".*by hand.*rain/,
    );
    const newest = app.runs.cellOfLane(lane)!;
    expect(newest.head.step).toBe(1);
    await fireEvent.click(first.getByRole('button', { name: /^Step 1/ }));
    expect(app.runs.cellOfLane(lane)!.head.step).toBe(0);
    expect(app.inspector.cell?.head.step, 'the inspector follows').toBe(0);
    expect(first.getByRole('group', { name: 'Tool call get_weather' })).toBeTruthy();
    expect(((await field('Result of get_alerts')) as HTMLTextAreaElement).value, 'the newest stays open').toBe('none');
    await fireEvent.click(shown().getByRole('button', { name: 'Next step' }));
    expect(app.runs.cellOfLane(lane)).toBe(newest);
    expect(shown().getByRole('group', { name: 'Dialogue of lane A' }).textContent).toContain('2 steps');
  });

  it('is answered again from an earlier step, whose later steps leave it', async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await write('Result of get_alerts', 'none');
    await fireEvent.click(button());
    await says('Known: rain, noon, none.');
    await fireEvent.click(within(shown().getByRole('group', { name: 'Step 1, lane A' })).getByRole('button'));
    await fireEvent.click(button('Answer again'));
    expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('rain');
    await write('Result of get_weather', 'snow');
    await fireEvent.click(button());
    await waitFor(() => expect(app.runs.dialogueOfLane(lane).map(({ head }) => head.step)).toEqual([0, 1]), slow);
    await write('Result of get_alerts', 'none');
    await fireEvent.click(button());
    await says('Known: snow, noon, none.');
  });

  it('keeps what was written while the lane runs again and the answer is shown again', async () => {
    await write('Result of get_weather', 'half a sent');
    await app.runs.start([lane]);
    await waitFor(
      async () => expect((await field('Result of get_weather')) as HTMLTextAreaElement).toHaveProperty('value', ''),
      slow,
    );
    await app.runs.showRun(host.started[0]!.summary.id);
    expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('half a sent');
  });

  it('goes back with arguments that were changed, and says so', async () => {
    await field('Result of get_time');
    await fireEvent.click(button('Edit arguments of get_weather'));
    await write('Arguments of get_weather', '{"city":"Bergen"}');
    expect(shown().getByText('Changed: the model is told that it called with these.')).toBeTruthy();
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await field('Result of get_alerts');
    expect(host.answered[0]!.arguments).toEqual([{ choice: 0, call: 0, text: '{"city":"Bergen"}' }]);
  });

  it('can be kept as messages of the lane, and given up again', async () => {
    const shared = app.comparison.messagesOf(lane).length;
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await field('Result of get_alerts');
    await fireEvent.click(button('Keep as messages'));
    await waitFor(() => expect(app.comparison.sharesInput(lane)).toBe(false));
    expect(
      app.comparison
        .messagesOf(lane)
        .slice(shared)
        .map(({ role }) => role),
    ).toEqual(['assistant', 'tool', 'tool', 'assistant']);
    app.toasts.list.at(-1)!.action!.run();
    expect(app.comparison.sharesInput(lane)).toBe(true);
  });

  it('says when the engine refuses, and keeps what was written', async () => {
    host.answerCalls = () => Promise.reject({ kind: 'storage', message: 'full' });
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await waitFor(() => expect(app.toasts.list.some(({ tone }) => tone === 'bad')).toBe(true));
    expect(((await field('Result of get_time')) as HTMLTextAreaElement).value).toBe('noon');
    expect(button().getAttribute('aria-disabled')).toBeNull();
  });
});

describe('rules in step mode', () => {
  it('fill in what they give when the answer ends, and the person may write it anew', async () => {
    await open('chat', { rules: [text('get_weather', 'In {{arguments/city}}: 21 °C')] });
    await waitFor(
      async () => expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('In Ås: 21 °C'),
      slow,
    );
    expect(shown().getByRole('group', { name: 'Result of get_weather' }).textContent).toContain('by a rule');
    expect(shown().getByRole('region', { name: 'Results of lane A' }).textContent).toContain(
      'No rule fits get_time, so it waits for you.',
    );
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await field('Result of get_alerts');
    expect(texts(host.answered[0]!)).toEqual([
      ['call_weather', 'rule', 'In Ås: 21 °C'],
      ['call_time', 'hand', 'noon'],
    ]);
  });

  it('say why a tool gave nothing, and ask it again', async () => {
    await open('chat', { rules: [http('get_weather', 'http://127.0.0.1:9/500'), text('*', 'noon')] });
    await waitFor(() => expect(button('Ask again for result of get_weather')).toBeTruthy(), slow);
    expect(button().getAttribute('aria-disabled')).toBe('true');
    let asked = 0;
    host.suggestResults = async () => {
      asked += 1;
      const origin = { kind: 'http', url: 'http://127.0.0.1:9/', status: 200 } as const;
      const state = { kind: 'given', reply: { kind: 'output', text: 'sun' } } as const;
      return [{ id: 'call_weather', name: 'get_weather', origin, state, elapsedMs: 12 }];
    };
    await fireEvent.click(button('Ask again for result of get_weather'));
    await waitFor(async () =>
      expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('sun'),
    );
    expect(asked).toBe(1);
    expect(shown().getByRole('group', { name: 'Result of get_weather' }).textContent).toContain(
      'Given by 127.0.0.1:9, 200, 12 ms',
    );
    await write('Result of get_weather', 'rain');
    expect(shown().getByRole('group', { name: 'Result of get_weather' }).textContent).not.toContain('127.0.0.1');
  });

  it('are not asked when an answer of before is opened', async () => {
    await open('chat', { rules: [text('*', 'x')] });
    await field('Result of get_time');
    let asked = 0;
    host.suggestResults = async () => {
      asked += 1;
      return [];
    };
    await app.runs.showRun(host.started[0]!.summary.id);
    await field('Result of get_time');
    expect(asked).toBe(0);
  });
});

describe('a dialogue by itself', () => {
  it('runs to its end, and is live all the while that a tool is asked', async () => {
    await open('chat', { mode: 'auto', rules: [http('get_time', 'http://127.0.0.1:9/time'), text('*', 'so')] });
    await waitFor(() => expect(app.runs.cellsOfLane(lane).some((cell) => cell.isAsking)).toBe(true), slow);
    expect(app.runs.isLive).toBe(true);
    expect(app.runs.standing(lane)).toBe('live');
    await says('Known: so, {"from":"http://127.0.0.1:9/time"}, so.');
    await waitFor(() => expect(app.runs.isLive).toBe(false));
    expect(shown().getAllByRole('group', { name: /^Step \d, lane A$/ })).toHaveLength(3);
    expect(host.started).toHaveLength(1);
  });

  it('stops after the most answers that the plan allows, and runs on when told', async () => {
    await open('chat', { mode: 'auto', mostSteps: 2, rules: [text('*', 'so')] });
    await says('Stopped after 2 answers, the most that the plan allows.');
    await fireEvent.click(button('Run on'));
    await says('Known: so, so, so.');
  });

  it('waits for the person where no rule fits', async () => {
    await open('chat', { mode: 'auto', rules: [text('get_weather', 'so')] });
    await says('Not every call has a rule that fits, so the dialogue waits for you.');
    expect(host.answered).toHaveLength(0);
    await fireEvent.click(button('Fill from rules'));
    await waitFor(async () => expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('so'));
  });
});

describe('a response', () => {
  it('goes on by hand with its function calls', async () => {
    await open('responses');
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await write('Result of get_alerts', 'none');
    await fireEvent.click(button());
    await says('Known: rain, noon, none.');
  });

  it('that asks first, runs a shell and calls a tool gets an answer to each', async () => {
    await open('responses');
    const run = host.started[0]!;
    const cell = emptyCell('cell-x', run.summary.id, run.snapshot, 0, 0, connections[0]!);
    cell.state = { kind: 'finished' };
    cell.outcome = { ...cell.outcome, status: 'completed', responseId: null };
    cell.outcome.choices = [sample('mcp_approval_request'), sample('custom_tool_call'), sample('local_shell_call')].map(
      (one, index) => choiceOf(index, one),
    );
    host.answerCalls = (id, replies) => {
      host.answered.push(replies);
      return Promise.resolve({ ...emptyCell('cell-y', run.summary.id, run.snapshot, 0, 0, connections[0]!), step: 1 });
    };
    await app.runs.restore({ ...run, cells: [cell] });
    await write('Result of sql', '1');
    const decision = within(shown().getByRole('group', { name: 'Approval of refund' }));
    await fireEvent.click(decision.getByRole('radio', { name: 'Refuse' }));
    await write('Reason for refund', 'Too much');
    expect(button().getAttribute('aria-disabled')).toBe('true');
    await write('Standard output of local_shell', 'two years');
    await write('Exit code of local_shell', '0');
    await fireEvent.click(button());
    await waitFor(() => expect(host.answered).toHaveLength(1));
    expect(
      host.answered[0]!.results.map(({ id, state }) => [id, state.kind === 'given' ? state.reply : state]),
    ).toEqual([
      ['ma_01', { kind: 'approval', approve: false, reason: 'Too much' }],
      ['call_ct1', { kind: 'output', text: '1' }],
      [
        'call_ls1',
        {
          kind: 'item',
          json: '{"type":"local_shell_call_output","id":"call_ls1","output":"{\\"stdout\\":\\"two years\\",\\"stderr\\":\\"\\",\\"exit_code\\":0}"}',
        },
      ],
    ]);
  });
});
