import { describe, expect, it } from 'vitest';
import { readPasted } from './pasted';
import { toolFromExample } from './example';

const SCHEMA = '{ "type":"object", "properties":{"a":{"maximum":1.50}} }';
const FLAT = `{"type":"function","name":"f","description":"d","parameters":${SCHEMA}}`;
const NESTED = `{"type":"function","function":{"name":"f","description":"d","parameters":${SCHEMA}}}`;

const spellings: [string, string, string, string[]][] = [
  ['chat', NESTED, 'chat', []],
  ['responses', FLAT, 'responses', []],
  ['a function of old', `{"name":"f","description":"d","parameters":${SCHEMA}}`, 'function', []],
  [
    'MCP',
    `{"name":"f","title":"F","description":"d","inputSchema":${SCHEMA},"annotations":{"readOnlyHint":true}}`,
    'mcp',
    ['title', 'annotations'],
  ],
  [
    'Anthropic',
    `{"name":"f","description":"d","input_schema":${SCHEMA},"cache_control":{"type":"ephemeral"}}`,
    'anthropic',
    ['cache_control'],
  ],
];

describe('a pasted tool', () => {
  it.each(spellings)('of %s is in the words of the endpoint', (_, text, spelling, leftOut) => {
    for (const [endpoint, json] of [
      ['chat', NESTED],
      ['responses', FLAT],
    ] as const) {
      expect(readPasted(text, endpoint)).toEqual({ tools: [{ json, title: 'f', spelling, leftOut }], problem: null });
    }
  });

  it('may be a schema with a title, which stays as it is', () => {
    const schema = '{"$schema":"x","title":"Get the Wéather","description":"d","type":"object","properties":{"a":{}}}';
    expect(readPasted(schema, 'responses').tools).toEqual([
      {
        json: `{"type":"function","name":"get_the_weather","description":"d","parameters":${schema}}`,
        title: 'get_the_weather',
        spelling: 'schema',
        leftOut: [],
      },
    ]);
  });

  it('may be one that the provider runs', () => {
    const json = '{ "type":"mcp", "server_label":"docs", "server_url":"https://example.org/mcp" }';
    const [tool] = readPasted(json, 'responses').tools;
    expect([tool?.json, tool?.title, tool?.spelling]).toEqual([json, 'docs', 'responses']);
  });
});

describe('pasted text', () => {
  it('may be a list, a request, or the answer of a server that lists its tools', () => {
    for (const text of [
      `[${NESTED},${FLAT}]`,
      `{"model":"m","messages":[],"tools":[${NESTED},${FLAT}]}`,
      `{"jsonrpc":"2.0","id":1,"result":{"tools":[${NESTED},${FLAT}]}}`,
      `[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}]`,
    ]) {
      expect(readPasted(text, 'chat').tools).toHaveLength(2);
    }
  });

  it('says what it cannot read', () => {
    expect(readPasted('', 'chat')).toEqual({ tools: [], problem: null });
    expect(readPasted('{"a"', 'chat').problem).toMatch(/^Not JSON/);
    expect(readPasted('{"a":1}', 'chat').problem).toBe('There is no tool in this JSON');
    expect(readPasted('[]', 'chat').problem).toBe('There is no tool in this JSON');
    const some = readPasted(`[${FLAT},7,{"a":1}]`, 'chat');
    expect([some.tools.length, some.problem]).toEqual([1, '2 entries could not be read as a tool']);
  });

  it('keeps the tools of a namespace in it', () => {
    const json = `{"type":"namespace","name":"n","tools":[${FLAT}]}`;
    expect(readPasted(json, 'responses').tools.map((tool) => tool.json)).toEqual([json]);
  });
});

it('a tool from an example requires every argument', () => {
  const tool = JSON.parse(toolFromExample('f', '{"city":"Bern","days":[1,2],"at":{"x":1.5}}', 'chat')) as {
    function: { parameters: unknown };
  };
  expect(tool).toMatchObject({ type: 'function', function: { name: 'f' } });
  expect(tool.function.parameters).toMatchObject({
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'array', items: { type: 'integer' } },
      at: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] },
    },
    required: ['city', 'days', 'at'],
  });
});
