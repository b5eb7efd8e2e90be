import { describe, expect, it } from 'vitest';
import type { Cell } from '../../bindings/Cell';
import type { OutputItem } from '../../bindings/OutputItem';
import { connections, refundReply } from '../../platform/memory/data';
import { emptyCell } from '../../platform/memory/run';
import type { Reply } from '../../state/tool-replies.svelte';
import { chatCalls, edited, itemCalls, missing, questions, type Said } from './calls';
import { chatMessages, itemMessages, outputMessages, storedResponse } from './messages';

const nothing: Reply = { text: '', isEmpty: false, approves: null, reason: '' };

function said(replies: Record<string, Partial<Reply>> = {}, given: Record<string, string> = {}): Said {
  return { reply: (id) => ({ ...nothing, ...replies[id] }), arguments: (place) => given[place] ?? null };
}

/** Messages without the ids that each gets anew. */
const bare = (messages: readonly object[]) => messages.map((message) => ({ ...message, id: '' }));
const rest = { id: '', muted: false, order: [] };

const call = (id: string | null, name: string, given = '{}', kind = 'function') => ({
  id,
  kind,
  name,
  arguments: given,
});
function item(value: Record<string, unknown>, json = JSON.stringify(value)): OutputItem {
  return { type: String(value['type']), id: null, status: null, json, long: [] };
}
const listed = (items: OutputItem[]) => items.map((one, index) => ({ index, item: one, given: null }));

describe('what a chat is sent back', () => {
  it('is the message that called, and one message for each of two parallel calls', () => {
    const calls = chatCalls([call('a', 'get_weather', '{"city":"Ås \\"N\\"","days":1.0}'), call('b', 'get_time')]);
    const made = chatMessages('One moment.', calls, said({ a: { text: '☀ "21"\\' }, b: { isEmpty: true } }));
    expect(bare(made)).toEqual([
      {
        ...rest,
        role: 'assistant',
        content: { kind: 'text', text: 'One moment.' },
        members: [
          {
            name: 'tool_calls',
            json: JSON.stringify([
              {
                id: 'a',
                type: 'function',
                function: { name: 'get_weather', arguments: '{"city":"Ås \\"N\\"","days":1.0}' },
              },
              { id: 'b', type: 'function', function: { name: 'get_time', arguments: '{}' } },
            ]),
          },
        ],
      },
      {
        ...rest,
        role: 'tool',
        content: { kind: 'text', text: '☀ "21"\\' },
        members: [{ name: 'tool_call_id', json: '"a"' }],
      },
      { ...rest, role: 'tool', content: { kind: 'text', text: '' }, members: [{ name: 'tool_call_id', json: '"b"' }] },
    ]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(3);
  });

  it('has null for a content that is not there, changed arguments, and custom tools in their own form', () => {
    const calls = chatCalls([call('a', 'f', '{"x":1}'), call('b', 'sql', 'SELECT 1', 'custom')]);
    const [assistant] = chatMessages('', calls, said({}, { '0.0': '{"x":2}', '0.1': 'SELECT 2' }));
    expect(assistant!.content).toEqual({ kind: 'null' });
    expect(JSON.parse(assistant!.members[0]!.json)).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":2}' } },
      { id: 'b', type: 'custom', custom: { name: 'sql', input: 'SELECT 2' } },
    ]);
  });

  it('answers an id that came twice once, and keeps both calls', () => {
    const calls = chatCalls([call('a', 'f'), call('a', 'g')]);
    const made = chatMessages('', calls, said({ a: { text: 'x' } }));
    expect(made.map(({ role }) => role)).toEqual(['assistant', 'tool']);
    expect(JSON.parse(made[0]!.members[0]!.json)).toHaveLength(2);
    expect(questions(calls).map(({ label, calls }) => [label, calls.length])).toEqual([['Result of f', 2]]);
  });
});

describe('what a response is sent back', () => {
  const reasoning = '{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAA","weight":1.50}';
  const items = [
    item({ type: 'reasoning' }, reasoning),
    item({
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hm', annotations: [] }],
    }),
    item({ type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1.0}' }),
    item({ type: 'custom_tool_call', call_id: 'b', name: 'sql', input: 'SELECT 1' }),
    item({ type: 'mcp_approval_request', id: 'ma', server_label: 'shop', name: 'refund', arguments: '{}' }),
  ];
  const calls = itemCalls(listed(items));
  const whole = items.map(({ type, json }, index) => ({ place: String(index), type, json }));

  it('is the outputs alone where the response is kept, each in the form of its call', () => {
    const replies = { a: { text: '7' }, b: { text: 'one "row"' }, ma: { approves: false, reason: 'Too much' } };
    expect(bare(outputMessages(calls, said(replies)))).toEqual([
      { ...rest, role: 'tool', content: { kind: 'text', text: '7' }, members: [{ name: 'tool_call_id', json: '"a"' }] },
      {
        ...rest,
        role: 'tool',
        content: { kind: 'absent' },
        members: [
          { name: 'type', json: '"custom_tool_call_output"' },
          { name: 'call_id', json: '"b"' },
          { name: 'output', json: '"one \\"row\\""' },
        ],
      },
      {
        ...rest,
        role: 'tool',
        content: { kind: 'absent' },
        members: [
          { name: 'type', json: '"mcp_approval_response"' },
          { name: 'approval_request_id', json: '"ma"' },
          { name: 'approve', json: 'false' },
          { name: 'reason', json: '"Too much"' },
        ],
      },
    ]);
  });

  it('is the items as they came where it is not, with the arguments that were changed', () => {
    const made = itemMessages(whole, said({}, { '2': '{"x":2.0}', '3': 'SELECT "2"' }));
    expect(made[0]!.members).toEqual([
      { name: 'id', json: '"rs_1"' },
      { name: 'type', json: '"reasoning"' },
      { name: 'summary', json: '[]' },
      { name: 'encrypted_content', json: '"gAA"' },
      { name: 'weight', json: '1.50' },
    ]);
    expect(bare([made[1]!])).toEqual([
      {
        ...rest,
        order: ['type', 'id', 'role', 'status', 'content'],
        role: 'assistant',
        content: {
          kind: 'parts',
          parts: [{ kind: 'raw', json: '{"type":"output_text","text":"Hm","annotations":[]}' }],
        },
        members: [
          { name: 'type', json: '"message"' },
          { name: 'id', json: '"msg_1"' },
          { name: 'status', json: '"completed"' },
        ],
      },
    ]);
    expect(made[2]!.members.at(-1)).toEqual({ name: 'arguments', json: '"{\\"x\\":2.0}"' });
    expect(made[3]!.members.at(-1)).toEqual({ name: 'input', json: '"SELECT \\"2\\""' });
    expect(made[4]!.members).toContainEqual({ name: 'arguments', json: '"{}"' });
  });

  it('asks for nothing that the server answered itself', () => {
    const done = [
      ...items,
      item({ type: 'function_call_output', call_id: 'a', output: '7' }),
      item({ type: 'mcp_approval_response', approval_request_id: 'ma', approve: true }),
    ];
    expect(itemCalls(listed(done)).map(({ id }) => id)).toEqual(['b']);
  });

  it('goes on from a response only where the server keeps it and the lane speaks to it', () => {
    const cell: Cell = emptyCell('c', 'r', refundReply, 0, 0, connections[0]!);
    cell.endpoint = 'responses';
    cell.outcome = { ...cell.outcome, responseId: 'resp_1', status: 'completed' };
    const lane = { ...refundReply.lanes[0]!, endpoint: 'responses' as const, connection: cell.connection };
    const key = { name: 'store', json: ' false', origin: 'draft' as const, extra: false, baseJson: null, filled: 0 };
    const request = { keys: [key] } as unknown as Cell['request'];
    expect(storedResponse(cell, lane)).toBe('resp_1');
    expect(storedResponse({ ...cell, request }, lane)).toBeNull();
    expect(storedResponse({ ...cell, outcome: { ...cell.outcome, status: 'in_progress' } }, lane)).toBeNull();
    expect(storedResponse(cell, { ...lane, connection: 'another' })).toBeNull();
    expect(storedResponse(cell, { ...lane, endpoint: 'chat' })).toBeNull();
    expect(storedResponse({ ...cell, endpoint: 'chat' }, lane)).toBeNull();
  });
});

describe('results', () => {
  const calls = chatCalls([call('a', 'f'), call('b', 'f'), call('c', 'g')]);

  it('are complete when each id is answered, be it with an empty text that is meant', () => {
    expect(questions(calls).map(({ label }) => label)).toEqual(['Result of f 1', 'Result of f 2', 'Result of g']);
    expect(missing(calls, said({ a: { text: 'x' } }))).toBe('Fill Result of f 2, Result of g');
    expect(missing(calls, said({ a: { text: 'x' }, b: { isEmpty: true }, c: { text: ' ' } }))).toBeNull();
    expect(missing(chatCalls([call(null, 'f')]), said())).toMatch(/without an id/);
  });

  it('count arguments as changed only where they differ', () => {
    expect([...edited(calls, said({}, { '0.0': '{}', '0.1': '{ }' }))]).toEqual(['0.1']);
  });
});
