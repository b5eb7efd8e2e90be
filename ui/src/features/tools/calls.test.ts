import { describe, expect, it } from 'vitest';
import type { OutputItem } from '../../bindings/OutputItem';
import { sample } from '../../platform/memory/samples';
import type { Reply } from '../../state/tool-replies.svelte';
import { chatCalls, edited, itemCalls, missing, questions, type Said } from './calls';
import { itemReply } from './item-replies';

const nothing: Reply = {
  text: '',
  isEmpty: false,
  approves: null,
  reason: '',
  fields: {},
  item: null,
  origin: { kind: 'hand' },
  elapsedMs: null,
  isAsking: false,
  error: null,
};

function said(replies: Record<string, Partial<Reply>> = {}, given: Record<string, string> = {}): Said {
  return {
    reply: (id) => ({ ...nothing, ...replies[id] }),
    arguments: ({ choice, call }) => given[`${choice}.${call}`] ?? null,
  };
}

const call = (id: string | null, name: string, given = '{}', kind = 'function') => ({
  id,
  kind,
  name,
  arguments: given,
});
function item(value: Record<string, unknown>): OutputItem {
  return { type: String(value['type']), id: null, status: null, json: JSON.stringify(value), long: [] };
}
const listed = (items: OutputItem[]) => items.map((one, index) => ({ index, item: one, given: null }));
const sampled = (type: string) => itemCalls(listed([item(sample(type).item)]));

describe('results', () => {
  const calls = chatCalls([call('a', 'f'), call('b', 'f'), call('c', 'g')]);

  it('are complete when each id is answered, be it with an empty text that is meant', () => {
    expect(questions(calls).map(({ label }) => label)).toEqual(['Result of f 1', 'Result of f 2', 'Result of g']);
    expect(missing(calls, said({ a: { text: 'x' } }))).toBe('Fill Result of f 2, Result of g');
    expect(missing(calls, said({ a: { text: 'x' }, b: { isEmpty: true }, c: { text: ' ' } }))).toBeNull();
    expect(missing(chatCalls([call(null, 'f')]), said())).toMatch(/without an id/);
  });

  it('are not complete while a tool is asked, nor when it gave nothing', () => {
    const rest = { b: { text: 'x' }, c: { text: 'x' } };
    expect(missing(calls, said({ a: { isAsking: true }, ...rest }))).toBe('Fill Result of f 1');
    const error = { kind: 'invalid', field: 'f', message: 'answered 500' } as const;
    expect(missing(calls, said({ a: { error, text: '' }, ...rest }))).toBe('Fill Result of f 1');
  });

  it('answer several calls that share an id once', () => {
    const shared = chatCalls([call('a', 'f', '{"x":1}'), call('a', 'f', '{"x":2}')]);
    expect(questions(shared).map(({ label, calls }) => [label, calls.length])).toEqual([['Result of f', 2]]);
  });

  it('count arguments as changed only where they differ', () => {
    expect(edited(calls, said({}, { '0.0': '{}', '0.1': '{ }' })).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('items of a response', () => {
  it('ask for nothing that the server answered itself', () => {
    const items = [
      item({ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }),
      item({ type: 'custom_tool_call', call_id: 'b', name: 'sql', input: 'SELECT 1' }),
      item({ type: 'mcp_approval_request', id: 'ma', name: 'refund', arguments: '{}' }),
      item({ type: 'local_shell_call', call_id: 'ls', action: { command: ['ls'] } }),
      item({ type: 'shell_call', call_id: 'sh', action: { commands: ['ls'] } }),
    ];
    expect(itemCalls(listed(items)).map(({ id }) => id)).toEqual(['a', 'b', 'ma', 'ls', 'sh']);
    const done = [
      ...items,
      item({ type: 'function_call_output', call_id: 'a', output: '7' }),
      item({ type: 'mcp_approval_response', approval_request_id: 'ma', approve: true }),
      item({ type: 'local_shell_call_output', id: 'ls', output: '{}' }),
      item({ type: 'shell_call_output', call_id: 'sh', output: [] }),
    ];
    expect(itemCalls(listed(done)).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('outputs that are no text', () => {
  const made = (type: string, fields: Record<string, string>) => {
    const json = itemReply(questions(sampled(type))[0]!, { item: null, fields });
    return json === null ? null : (JSON.parse(json) as unknown);
  };

  it('say a screenshot once its safety checks are acknowledged', () => {
    const image = 'data:image/png;base64,AA==';
    expect(made('computer_call', { image })).toBeNull();
    expect(made('computer_call', { image, 'check sc_1': 'yes' })).toEqual({
      type: 'computer_call_output',
      call_id: 'call_cu1',
      output: { type: 'computer_screenshot', image_url: image },
      acknowledged_safety_checks: [
        { id: 'sc_1', code: 'malicious_instructions', message: 'The page asks for a password.' },
      ],
    });
  });

  it('say for each command of a shell what it wrote and how it ended', () => {
    const first = { 'stdout 0': '“ä”\n', 'exit 0': '-1' };
    expect(made('shell_call', first)).toBeNull();
    expect(made('shell_call', { ...first, 'exit 1': 'zero' })).toBeNull();
    expect(made('shell_call', { ...first, 'outcome 1': 'timeout', 'stderr 1': 'late' })).toEqual({
      type: 'shell_call_output',
      call_id: 'call_sh1',
      max_output_length: 4096,
      output: [
        { stdout: '“ä”\n', stderr: '', outcome: { type: 'exit', exit_code: -1 } },
        { stdout: '', stderr: 'late', outcome: { type: 'timeout' } },
      ],
    });
  });

  it('say what a local shell gave as JSON in a text, under the id of the call', () => {
    expect(made('local_shell_call', { 'stdout 0': 'a "b" \\', 'exit 0': '0' })).toEqual({
      type: 'local_shell_call_output',
      id: 'call_ls1',
      output: '{"stdout":"a \\"b\\" \\\\","stderr":"","exit_code":0}',
    });
  });

  it('say whether a patch went in', () => {
    expect(made('apply_patch_call', { output: 'x' })).toBeNull();
    expect(made('apply_patch_call', { status: 'failed', output: 'no such file' })).toEqual({
      type: 'apply_patch_call_output',
      call_id: 'call_ap1',
      status: 'failed',
      output: 'no such file',
    });
    expect(made('apply_patch_call', { status: 'completed' })).not.toHaveProperty('output');
  });
});
