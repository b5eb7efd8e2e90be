import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Comparison } from '../bindings/Comparison';
import type { Connection } from '../bindings/Connection';
import type { Dialect } from '../bindings/Dialect';
import type { ParameterSpec } from '../bindings/ParameterSpec';
import type { ParameterTable } from '../bindings/ParameterTable';
import type { Host } from '../platform/host';
import { ComparisonController, SAVE_AFTER } from './comparison.svelte';
import { newComparison, newLane } from './comparison/new';

function connection(id: string, dialect: Dialect): Connection {
  return {
    id,
    name: id,
    profile: 'openAiCompatible',
    dialect,
    baseUrl: 'http://127.0.0.1:1',
    headers: [],
    network: {
      connectTimeoutMs: 1,
      idleTimeoutMs: 1,
      proxy: { kind: 'direct' },
      caFile: null,
      maxRetries: 0,
      maxConcurrent: 1,
    },
    plainHttpAgreed: false,
  };
}

const spec = (name: string): ParameterSpec => ({
  name,
  group: 'sampling',
  kind: { kind: 'number', minimum: 0, maximum: 2 },
  doc: '',
  source: '',
  deprecated: null,
});
const table = (dialect: Dialect, names: string[]): ParameterTable => ({
  endpoint: 'chat',
  dialect,
  parameters: names.map(spec),
});

const facts = {
  connections: [connection('scale', 'scaleV5'), connection('grid', 'scaigridV1'), connection('open', 'openAi')],
  tables: [
    table('scaleV5', ['temperature', 'top_k', 'stream', 'stream_options']),
    table('scaigridV1', ['temperature', 'stream']),
    table('openAi', ['temperature', 'stream', 'stream_options', 'verbosity']),
  ],
};

let saved: Comparison[];
let failing: boolean;

function controller(): ComparisonController {
  const host = {
    saveComparison: (comparison: Comparison) => {
      if (failing) return Promise.reject({ kind: 'storage', message: 'disk full' });
      saved.push(comparison);
      return Promise.resolve({
        id: comparison.id,
        name: comparison.name,
        updatedAt: 1,
        lanes: comparison.lanes.length,
      });
    },
  } as unknown as Host;
  const made = new ComparisonController(host, facts);
  const comparison = newComparison('Test', newLane('scale', 'model'), null);
  comparison.draft.parameters = [
    { name: 'stream', json: 'true' },
    { name: 'stream_options', json: '{"include_usage":true}' },
    { name: 'my_key', json: '1' },
  ];
  made.open(comparison);
  return made;
}

const sent = (made: ComparisonController, index: number): string =>
  made
    .effective(made.comparison.lanes[index]?.id ?? '')
    .map(({ name }) => name)
    .join(' ');

beforeEach(() => {
  saved = [];
  failing = false;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('saving', () => {
  it('waits for a pause, then saves the last state once', async () => {
    const made = controller();
    for (const name of ['R', 'Re', 'Refund']) made.rename(name);
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(SAVE_AFTER);
    expect(saved.map(({ name }) => name)).toEqual(['Refund']);
  });

  it('does not wait when it is asked to flush, and saves nothing twice', async () => {
    const made = controller();
    made.rename('Refund');
    await made.flush();
    await made.flush();
    await vi.advanceTimersByTimeAsync(SAVE_AFTER);
    expect(saved).toHaveLength(1);
  });

  it('saves when the window is hidden', async () => {
    const made = controller();
    const detach = made.attach(window);
    made.rename('Refund');
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(0);
    expect(saved).toHaveLength(1);
    detach();
    Reflect.deleteProperty(document, 'visibilityState');
  });

  it('keeps an edit that could not be saved for the next try, and says so', async () => {
    const made = controller();
    failing = true;
    made.rename('Refund');
    await made.flush();
    expect(made.saveError).toEqual({ kind: 'storage', message: 'disk full' });
    failing = false;
    await made.flush();
    expect(saved.map(({ name }) => name)).toEqual(['Refund']);
    expect(made.saveError).toBeNull();
  });

  it('saves the comparison that is left before another is opened', async () => {
    const made = controller();
    made.rename('First');
    made.open(newComparison('Second', newLane('scale', ''), null));
    await vi.advanceTimersByTimeAsync(SAVE_AFTER);
    expect(saved.map(({ name }) => name)).toEqual(['First']);
  });
});

describe('a lane with another dialect', () => {
  it('leaves out what only other dialects document, and keeps what nobody documents', () => {
    const made = controller();
    made.addLane('grid', 'llama');
    expect(sent(made, 1)).toBe('stream my_key');
    expect(made.comparison.lanes[1]?.overrides).toEqual([{ kind: 'unset', name: 'stream_options' }]);
    expect(made.isLeftOut(made.currentLane, 'stream_options')).toBe(true);
  });

  it('sends the key again when it goes back', () => {
    const made = controller();
    const lane = made.addLane('grid', 'llama')!;
    made.setConnection(lane.id, 'open', 'gpt');
    expect(sent(made, 1)).toBe('stream stream_options my_key');
    expect(made.comparison.lanes[1]?.overrides).toEqual([]);
  });

  it('as the base takes nothing from the other lanes', () => {
    const made = controller();
    made.duplicateLane();
    const [base] = made.comparison.lanes;
    made.setConnection(base!.id, 'grid');
    expect(sent(made, 0)).toBe('stream my_key');
    expect(sent(made, 1).split(' ').sort()).toEqual(['my_key', 'stream', 'stream_options']);
    made.setConnection(base!.id, 'open');
    expect(sent(made, 0).split(' ').sort()).toEqual(['my_key', 'stream', 'stream_options']);
    expect(made.modified(made.comparison.lanes[1]!.id)).toEqual([]);
  });

  it('does not get a key that the base sets later and it does not document', () => {
    const made = controller();
    made.addLane('grid', 'llama');
    made.addLane('scale', 'other');
    made.setParameter(made.comparison.lanes[0]!.id, 'top_k', '40');
    expect(sent(made, 1)).not.toContain('top_k');
    expect(sent(made, 2)).toContain('top_k');
  });

  it('may send it all the same when the person says so', () => {
    const made = controller();
    const lane = made.addLane('grid', 'llama')!;
    made.resetParameter(lane.id, 'stream_options');
    expect(sent(made, 1)).toBe('stream stream_options my_key');
    made.setParameter(made.comparison.lanes[0]!.id, 'temperature', '1');
    expect(sent(made, 1)).toContain('stream_options');
  });

  it('is not reset by "Reset modified" to what it does not document', () => {
    const made = controller();
    const lane = made.addLane('grid', 'llama')!;
    made.setParameter(lane.id, 'temperature', '0.9');
    expect(made.resettable(lane.id)).toEqual(['temperature']);
    made.resetModified(lane.id);
    expect(sent(made, 1)).toBe('stream my_key');
  });
});

describe('input of lanes', () => {
  it('is shared until a lane is forked, and its own text comes back when it is forked again', () => {
    const made = controller();
    const lane = made.duplicateLane()!;
    made.setSharedInput(lane.id, false);
    made.setText(made.messages[1]!, 'Only here');
    made.setSharedInput(lane.id, true);
    expect(made.messages[1]?.content).toEqual({ kind: 'text', text: '' });
    made.setSharedInput(lane.id, false);
    expect(made.messages[1]?.content).toEqual({ kind: 'text', text: 'Only here' });
    expect(made.comparison.draft.messages[1]?.content).toEqual({ kind: 'text', text: '' });
  });

  it('asks for values of the variables of every lane, and of no muted message', () => {
    const made = controller();
    made.setText(made.messages[0]!, '{{language}}');
    made.setMuted(made.messages[0]!, true);
    made.setText(made.messages[1]!, '{{order}}');
    const lane = made.duplicateLane()!;
    made.setSharedInput(lane.id, false);
    made.setText(made.messages[1]!, '{{weeks}}');
    made.setVariable('order', 'NL-1');
    expect(made.variableNames).toEqual(['order', 'weeks']);
    expect(made.missingVariables).toEqual(['weeks']);
  });

  it('asks for values that only a rule for a tool needs', () => {
    const made = controller();
    const gives = { kind: 'text' as const, text: '{{arguments}} of {{ order }} by {{ "order" }}' };
    made.comparison.draft.toolPlan.rules.push({ tool: '*', when: [], gives });
    made.setVariable('weeks', '3');
    expect(made.missingVariables).toEqual(['order']);
    expect(made.unusedVariables).toEqual(['weeks']);
  });

  it('gives a deleted message back to its place', () => {
    const made = controller();
    const [first] = made.messages.map(({ id }) => id);
    made.deleteMessage(0, 'System message');
    expect(made.messages).toHaveLength(1);
    made.restoreMessage();
    expect(made.messages[0]?.id).toBe(first);
    expect(made.deletedMessage).toBeNull();
  });
});

describe('what a server rejected', () => {
  const field = {
    path: ['body', 'temperature'],
    message: 'Input should be less than or equal to 2',
    parameter: 'temperature',
    input: '2.4',
  };

  it('stands at the parameter until it is edited', () => {
    const made = controller();
    const lane = made.currentLane;
    made.setParameter(lane, 'temperature', '2.4');
    made.setServerProblems(lane, [field]);
    expect(made.serverProblem(lane, 'temperature')).toBe('The server allows at most 2');
    made.setParameter(lane, 'temperature', '2');
    expect(made.serverProblem(lane, 'temperature')).toBeNull();
  });

  it('leads to the lane and its control', () => {
    const made = controller();
    const [first] = made.comparison.lanes;
    made.duplicateLane();
    made.focusParameter(first!.id, 'temperature');
    expect(made.currentLane).toBe(first!.id);
    expect(made.focusRequest).toMatchObject({ kind: 'parameter', name: 'temperature' });
  });

  it('leads to the message that was sent at that place', () => {
    const made = controller();
    made.setMuted(made.messages[0]!, true);
    made.focusParameter(made.currentLane, 'messages[0].content');
    expect(made.focusRequest).toMatchObject({ kind: 'message', index: 1 });
    made.setServerProblems(made.currentLane, [
      { path: ['body', 'messages', '0', 'content'], message: 'Field required', parameter: 'messages', input: null },
    ]);
    expect(made.serverMessageProblem(made.currentLane, 1)).toBe('The server says: Field required');
    expect(made.serverMessageProblem(made.currentLane, 0)).toBeNull();
  });
});

describe('lanes', () => {
  it('come back one by one, the last closed first', () => {
    const made = controller();
    made.duplicateLane();
    made.duplicateLane();
    const ids = made.comparison.lanes.map(({ id }) => id);
    made.closeLane(ids[0]);
    made.closeLane(ids[1]);
    expect(made.closeLaneReason()).toBe('One lane has to stay');
    made.restoreLane();
    expect(made.currentLane).toBe(ids[1]);
    made.restoreLane();
    expect(made.comparison.lanes.map(({ id }) => id)).toEqual(ids);
    expect(made.restoreLaneReason()).toBe('No lane was closed');
  });
});
