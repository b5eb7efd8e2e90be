import { describe, expect, it } from 'vitest';
import type { EndpointKind } from '../../bindings/EndpointKind';
import { loopbackProblem } from './loopback';
import { argumentPointers, pointerProblem } from './pointers';
import { toolProblems } from './problems';
import { readTools } from './tool-text';

const words = (tools: string, endpoint: EndpointKind = 'responses', choice: string | null = null): string[] =>
  toolProblems(readTools(tools)!, endpoint, choice).map(({ message }) => message);

const call = (name: string, rest = ''): string => `{"type":"function","name":${JSON.stringify(name)}${rest}}`;

describe('before anything is sent', () => {
  it('nothing is said of tools that are right', () => {
    const schema =
      ',"strict":true,"parameters":{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}';
    expect(words(`[${call('a-B_9', schema)},${call('x'.repeat(64))},{"type":"web_search"}]`)).toEqual([]);
  });

  it('names are looked at', () => {
    const rule = 'A name has 1 to 64 letters a to z, digits, _ and -';
    expect(words(`[${call('')}]`)).toEqual(['The name is missing']);
    for (const name of ['get weather', 'é', 'x'.repeat(65), 'a.b']) expect(words(`[${call(name)}]`)).toEqual([rule]);
    expect(words(`[${call('a')},${call('a')},${call('b')}]`)).toEqual([
      'Another tool is named a as well',
      'Another tool is named a as well',
    ]);
  });

  it('schemas are looked at', () => {
    const of = (schema: string): string[] => words(`[${call('a', `,"strict":true,"parameters":${schema}`)}]`);
    expect(of('null')).toEqual([]);
    expect(of('[]')).toEqual(['The schema of the parameters is no object']);
    expect(of('{}')).toEqual(['The schema has no "type": "object"']);
    expect(of('{"type":"string"}')).toEqual(['Arguments are an object, the schema says "string"']);
    const closed = '"additionalProperties":false,"required":["a"]';
    expect(of(`{"type":"object","properties":{"a":{"type":"string"}},${closed}}`)).toEqual([]);
    expect(of(`{"type":"object","properties":{"a":{"type":"object","properties":{}}},${closed}}`)[0]).toMatch(
      /additionalProperties.*, at \/properties\/a/,
    );
    expect(of('{"type":"object","properties":{}}')[0]).toMatch(/additionalProperties.*, at the top/);
    expect(words(`[${call('a', ',"parameters":{"type":"object","properties":{}}')}]`)).toEqual([]);
    expect(words(`[${call('a', ',"parameters":{"type":"object","properties":{"x":{"type":"strng"}}}')}]`)[0]).toMatch(
      /at \/properties\/x$/,
    );
  });

  it('the spelling and the kind are those of the endpoint', () => {
    expect(words(`[${call('a')}]`, 'chat')[0]).toMatch(/^A chat has the function under the key function/);
    expect(words('[{"type":"function","function":{"name":"a"}}]')[0]).toMatch(/^Responses have the function flat/);
    expect(words('[{"type":"web_search"}]', 'chat')[0]).toMatch(/web_search is of responses$/);
    expect(words('[7,{}]')).toEqual(['A tool is a JSON object', 'The type is missing']);
  });

  it('a choice names a tool that is there', () => {
    const tools = `[${call('a')},{"type":"web_search"}]`;
    for (const choice of [
      '"auto"',
      '"required"',
      '{"type":"function","name":"a"}',
      '{"type":"function","function":{"name":"a"}}',
      '{"type":"web_search"}',
      '{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"a"}]}',
      '{"type":',
    ]) {
      expect(words(tools, 'responses', choice)).toEqual([]);
    }
    expect(words(tools, 'responses', '{"type":"function","name":"b"}')).toEqual([
      'tool_choice names b, and no tool is named so',
    ]);
    expect(words(tools, 'responses', '{"type":"allowed_tools","allowed_tools":{"tools":[{"type":"mcp"}]}}')).toEqual([
      'tool_choice asks for mcp, which is no tool here',
    ]);
    expect(words('[]', 'responses', '"required"')).toEqual(['tool_choice is required, and there is no tool']);
  });
});

it('only this machine can be asked', () => {
  for (const address of [
    'http://127.0.0.1:8000/a?b=c',
    'http://localhost',
    'http://[::1]:1/',
    'http://127.255.3.4/',
    ' http://LOCALHOST:80/ ',
  ]) {
    expect(loopbackProblem(address)).toBeNull();
  }
  for (const address of [
    '',
    'x',
    'https://127.0.0.1/',
    'http://10.0.0.1/',
    'http://example.org/',
    'http://127.0.0.1.example.org/',
    'http://localhost@example.org/',
    'http://user:pass@127.0.0.1/',
    'http://0.0.0.0/',
    'file:///tmp',
  ]) {
    expect(loopbackProblem(address)).not.toBeNull();
  }
});

it('arguments are known by their pointers', () => {
  const tools = readTools(
    `[${call('a', ',"parameters":{"type":"object","properties":{"city":{},"at":{"type":"object","properties":{"x/y":{},"~":{}}}}}')}]`,
  )!;
  expect(argumentPointers(tools, 'a')).toEqual(['/city', '/at/x~1y', '/at/~0']);
  expect(argumentPointers(tools, 'b')).toEqual([]);
  for (const pointer of ['', '/', '/a/0', '/x~1y']) expect(pointerProblem(pointer)).toBeNull();
  expect(pointerProblem('city')).toBe('A place begins with a slash: /city');
  expect(pointerProblem('/a~')).not.toBeNull();
});
