import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Run } from '../../bindings/Run';
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

async function open(endpoint: EndpointKind): Promise<void> {
  laneView.view = 'answers';
  host = new WatchedHost({ endpoints: [endpoint] });
  app = new App(host);
  await app.start('compare');
  app.actions.register(allActions(app));
  detach = app.actions.attach(window);
  app.runs.clear();
  lane = app.comparison.comparison.lanes[0]!.id;
  app.comparison.setModel(lane, 'sandbox/tools-steps');
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

const shown = () => within(screen.getByRole('region', { name: 'Lane A' }));
const field = (name: string) => shown().findByRole('textbox', { name }, { timeout: 5000 });
const button = () => shown().getByRole('button', { name: 'Send results' });
const write = async (name: string, text: string) => {
  await fireEvent.input(await field(name), { target: { value: text } });
};
const answer = (words: string) =>
  waitFor(() => expect(shown().getByRole('log').textContent).toContain(words), { timeout: 5000 });
const sent = () => host.started.at(-1)!.snapshot;

describe('results of a chat', () => {
  beforeEach(() => open('chat'));

  it('are sent when each call has its own, and the model answers', async () => {
    const shared = app.comparison.comparison.draft.messages.length;
    await write('Result of get_weather', '21 °C');
    expect(button().getAttribute('aria-disabled')).toBe('true');
    await fireEvent.click(button());
    expect(host.started).toHaveLength(1);
    await fireEvent.click(shown().getByRole('checkbox', { name: 'Send empty result of get_time' }));
    expect(button().getAttribute('aria-disabled')).toBeNull();
    expect(shown().getByText(/Lane A gets messages of its own/)).toBeTruthy();
    await fireEvent.click(button());
    await answer('Known: 21 °C, nothing.');
    const messages = sent().lanes[0]!.forkedMessages!;
    expect(messages.slice(shared).map(({ role }) => role)).toEqual(['assistant', 'tool', 'tool']);
    expect(sent().draft.messages, 'the other lanes send what they sent').toHaveLength(shared);
    expect(app.toasts.list.map(({ text }) => text)).toContain('Lane A has messages of its own now');
    expect(shown().queryByRole('button', { name: 'Send results' })).toBeNull();
  });

  it('go with Ctrl+Enter from within a field, and that runs no other lane', async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    const last = await field('Result of get_time');
    last.focus();
    await tick();
    await fireEvent.keyDown(last, { key: 'Enter', code: 'Enter', ctrlKey: true });
    await answer('Known: rain, noon.');
    expect(document.activeElement, 'the focus is not lost').toBe(shown().getByRole('log'));
    expect(host.started).toHaveLength(2);
    expect(new Set(host.started[1]!.cells.map((cell) => cell.lane))).toEqual(new Set([lane]));
  });

  it('are still there when the lane ran in between and the answer is shown again', async () => {
    await write('Result of get_weather', 'half a sent');
    await app.runs.start([lane]);
    await waitFor(
      async () => expect((await field('Result of get_weather')) as HTMLTextAreaElement).toHaveProperty('value', ''),
      {
        timeout: 5000,
      },
    );
    await app.runs.showRun(host.started[0]!.summary.id);
    expect(((await field('Result of get_weather')) as HTMLTextAreaElement).value).toBe('half a sent');
  });

  it('go back with arguments that were changed, and say so', async () => {
    await field('Result of get_time');
    await fireEvent.click(shown().getByRole('button', { name: 'Edit arguments of get_weather' }));
    await write('Arguments of get_weather', '{"city":"Bergen"}');
    expect(shown().getByText('Changed: the model is told that it called with these.')).toBeTruthy();
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    await fireEvent.click(button());
    await answer('Known: rain, noon.');
    const calls = sent().lanes[0]!.forkedMessages!.at(-3)!.members[0]!;
    expect(calls.name).toBe('tool_calls');
    expect(
      (JSON.parse(calls.json) as { function: { arguments: string } }[]).map((one) => one.function.arguments),
    ).toEqual(['{"city":"Bergen"}', '{"zone":"Europe/Oslo"}']);
  });

  it('are not added twice when the run did not start', async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
    const start = host.startRun.bind(host);
    host.startRun = () => Promise.reject({ kind: 'storage', message: 'full' });
    const before = app.comparison.messagesOf(lane).length;
    await fireEvent.click(button());
    await waitFor(() => expect(app.runs.startError).not.toBeNull());
    expect(app.comparison.messagesOf(lane)).toHaveLength(before + 3);
    host.startRun = start;
    await fireEvent.click(button());
    await answer('Known: rain, noon.');
    expect(app.comparison.messagesOf(lane)).toHaveLength(before + 3);
  });
});

describe('results of a response', () => {
  beforeEach(() => open('responses'));
  const write2 = async () => {
    await write('Result of get_weather', 'rain');
    await write('Result of get_time', 'noon');
  };

  it('go alone to the response that the server keeps', async () => {
    await write2();
    const response = app.runs.cellOfLane(lane)!.head.outcome.responseId!;
    await fireEvent.click(button());
    await answer('Known: rain, noon.');
    const messages = sent().lanes[0]!.forkedMessages!;
    expect(messages.filter(({ muted }) => !muted).map(({ role }) => role)).toEqual(['tool', 'tool']);
    expect(app.comparison.value(lane, 'previous_response_id')).toBe(JSON.stringify(response));
  });

  it('go with the items of the answer when arguments were changed', async () => {
    await field('Result of get_time');
    await fireEvent.click(shown().getByRole('button', { name: 'Edit arguments of get_time' }));
    await write('Arguments of get_time', '{"zone":"UTC"}');
    await write2();
    await fireEvent.click(button());
    await answer('Known: rain, noon.');
    expect(app.comparison.value(lane, 'previous_response_id')).toBeNull();
    const added = sent().lanes[0]!.forkedMessages!.slice(-4);
    expect(added.map(({ members }) => members.find(({ name }) => name === 'arguments')?.json ?? null)).toEqual([
      '"{\\"city\\":\\"Ås\\",\\"days\\":1.0}"',
      '"{\\"zone\\":\\"UTC\\"}"',
      null,
      null,
    ]);
    expect(added.every(({ muted }) => !muted)).toBe(true);
  });
});

describe('an answer that asks first and calls a tool of its own', () => {
  beforeEach(() => open('responses'));

  it('gets its decision and its result, behind the whole of what it said when nothing is kept', async () => {
    const whole = `SELECT '${'Å"\\'.repeat(9)}'`;
    const cell = emptyCell('cell-x', 'run-x', app.comparison.snapshot(), 0, 0, connections[0]!);
    cell.state = { kind: 'finished' };
    cell.outcome = { ...cell.outcome, status: 'completed', responseId: null };
    cell.outcome.choices = [sample('mcp_approval_request'), sample('custom_tool_call')].map((one, index) =>
      choiceOf(index, one),
    );
    cell.outcome.choices[1]!.item!.long = [{ pointer: '/input', characters: whole.length, event: 1, within: '/input' }];
    host.itemString = async (_, choice, pointer) => (choice === 1 && pointer === '/input' ? whole : '');
    app.runs.showCells([cell]);
    await write('Result of sql', '1');
    expect(button().getAttribute('aria-disabled')).toBe('true');
    const decision = within(shown().getByRole('group', { name: 'Approval of refund' }));
    await fireEvent.click(decision.getByRole('radio', { name: 'Refuse' }));
    await write('Reason for refund', 'Too much');
    await fireEvent.click(button());
    await waitFor(() => expect(host.started).toHaveLength(2));
    const added = sent().lanes[0]!.forkedMessages!.slice(-4);
    const members = added.map(({ members }) => Object.fromEntries(members.map(({ name, json }) => [name, json])));
    expect(members.map((one) => JSON.parse(one['type']!) as string)).toEqual([
      'mcp_approval_request',
      'custom_tool_call',
      'mcp_approval_response',
      'custom_tool_call_output',
    ]);
    expect(JSON.parse(members[1]!['input']!)).toBe(whole);
    expect(members[2]).toMatchObject({ approval_request_id: '"ma_01"', approve: 'false', reason: '"Too much"' });
    expect(members[3]).toMatchObject({ call_id: '"call_ct1"', output: '"1"' });
  });
});
