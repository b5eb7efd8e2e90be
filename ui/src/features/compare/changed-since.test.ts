import { describe, expect, it } from 'vitest';
import type { Cell } from '../../bindings/Cell';
import type { EndpointKind } from '../../bindings/EndpointKind';
import { changedSince, reportLines } from './changed-since';

interface Sent {
  endpoint?: EndpointKind;
  model?: string;
  connection?: string;
  url?: string;
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
}

/** A call with what is looked at of one. */
function sent(given: Sent): Cell {
  const body = { model: 'm', ...given.body };
  const content = ['messages', 'input', 'prompt'];
  return {
    connection: given.connection ?? 'c1',
    connectionName: given.connection ?? 'c1',
    endpoint: given.endpoint ?? 'chat',
    model: given.model ?? 'm',
    request: {
      url: given.url ?? 'https://api.test/v1/x',
      headers: [
        { name: 'content-length', value: String(JSON.stringify(body).length), secret: false, origin: 'protocol' },
        ...Object.entries(given.headers ?? {}).map(([name, value]) => ({
          name,
          value,
          secret: false,
          origin: 'connection',
        })),
      ],
      body: JSON.stringify(body),
      keys: Object.entries(body).map(([name, value]) => ({
        name,
        json: content.includes(name) ? '' : JSON.stringify(value),
      })),
    },
  } as unknown as Cell;
}

const SAY = 'Tell nobody: "marble\\orchard" ☀';
const ENDPOINTS: [EndpointKind, string, unknown, unknown, string, string][] = [
  [
    'chat',
    'messages',
    [{ role: 'user', content: 'a' }],
    [{ role: 'user' }, { role: 'user' }],
    '1 message',
    '2 messages',
  ],
  ['responses', 'input', [{ type: 'message' }], [{}, {}, {}], '1 item', '3 items'],
  ['responses', 'input', 'abc', [{}, {}], '3 letters', '2 items'],
  ['generate', 'prompt', 'four', SAY, '4 letters', `${[...SAY].length} letters`],
  ['completions', 'prompt', ['a'], ['a', 'b'], '1 text', '2 texts'],
];

describe('changedSince', () => {
  it('finds nothing when the same goes out again', () => {
    const body = { messages: [{ role: 'user', content: 'a' }], temperature: 0.2, stream: true };
    expect(changedSince(sent({ body }), sent({ body }))).toEqual([]);
  });

  it.each(ENDPOINTS)('tells of %s how much %s there is', (endpoint, name, one, other, before, now) => {
    const [was, is] = [sent({ endpoint, body: { [name]: one } }), sent({ endpoint, body: { [name]: other } })];
    expect(changedSince(was, is)).toEqual([{ name, before, now, content: false }]);
    const [edited] = changedSince(
      sent({ endpoint, body: { [name]: ['a'] } }),
      sent({ endpoint, body: { [name]: ['b'] } }),
    );
    expect(edited?.now).toMatch(/^1 \w+, edited$/);
  });

  it.each(['chat', 'responses', 'generic', 'generate', 'completions'] as const)(
    'names model, connection, address, header, parameter, tools and schema of %s',
    (endpoint) => {
      const tools = (...names: string[]) => names.map((name) => ({ type: 'function', function: { name } }));
      const schema = (type: string) => ({ type: 'json_schema', json_schema: { name: 's', schema: { type } } });
      const was = sent({
        endpoint,
        headers: { 'x-team': 'red', Authorization: 'Bearer ••••4f2a' },
        body: { temperature: 0.2, tools: tools('a'), response_format: schema('object'), seed: 1 },
      });
      const is = sent({
        endpoint,
        model: 'n',
        url: 'https://other.test/v1/x',
        headers: { 'x-team': 'blue', Authorization: 'Bearer ••••9c1b' },
        body: { temperature: 2.4, tools: tools('a', 'b'), response_format: schema('array'), top_p: 1 },
      });
      const changes = changedSince(was, is);
      expect(changes.map(({ name, before, now }) => [name, before, now])).toEqual([
        ['base URL', 'https://api.test', 'https://other.test'],
        ['model', 'm', 'n'],
        ['header x-team', 'red', 'blue'],
        ['header authorization', 'Bearer ••••4f2a', 'Bearer ••••9c1b'],
        ['temperature', '0.2', '2.4'],
        ['tools', 'a', 'a, b'],
        ['response_format', expect.stringContaining('{"type":"json_schema"'), expect.stringMatching(/, edited$/)],
        ['seed', '1', null],
        ['top_p', null, '1'],
      ]);
    },
  );

  it('says that the lane went to another connection or endpoint', () => {
    const was = sent({ endpoint: 'chat', connection: 'Scale' });
    const is = sent({ endpoint: 'responses', connection: 'Grid', url: 'https://other.test/v1/y' });
    expect(changedSince(was, is)).toEqual([
      { name: 'connection', before: 'Scale', now: 'Grid', content: false },
      { name: 'endpoint', before: 'chat', now: 'responses', content: false },
    ]);
  });

  it('gives a report lines without what the person wrote, unless they choose so', () => {
    const was = sent({ body: { messages: [], instructions: 'before', temperature: 1 } });
    const is = sent({ body: { messages: [{ content: SAY }], instructions: SAY, temperature: 2 } });
    const lines = reportLines(changedSince(was, is), false);
    expect(lines).toEqual(['messages: 0 messages → 1 message', 'instructions changed', 'temperature: 1 → 2']);
    expect(lines.join()).not.toContain('marble');
    expect(reportLines(changedSince(was, is), true).join()).toContain('marble');
  });
});
