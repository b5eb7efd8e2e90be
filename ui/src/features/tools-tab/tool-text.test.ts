import { describe, expect, it } from 'vitest';
import { replaceAt } from '../../lib/json-slice';
import { layOut, quote } from '../../lib/json-text';
import { kindOf } from './kinds';
import {
  argumentNames,
  isSpelledFor,
  memberRows,
  readTool,
  readTools,
  spelledFor,
  titleOf,
  withMember,
} from './tool-text';

const NESTED = `[ {"type":"function","x_cache":{"ttl":1.50},
  "function":{ "strict":true, "name":"get_weather","description":"Über \\"Wetter\\" \\\\ 😀","x_own":[1e0, 12345678901234567890],
    "parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"maximum":1.0e3}},"required":["city"]}}},
  {"type" : "custom", "custom" : {"name":"run_sql","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"s: \\"a\\""}}}} ,
  7, {"type":"a_kind_of_tomorrow","name":"n","depth":{"a":[{}]}}]`;

describe('a list of tools', () => {
  it('is read', () => {
    const tools = readTools(NESTED)!;
    expect(tools.map((tool) => [tool.kind, tool.at, titleOf(tool), tool.strict])).toEqual([
      ['function', '/function', 'get_weather', true],
      ['custom', '/custom', 'run_sql', false],
      ['', '', 'No name', false],
      ['a_kind_of_tomorrow', '', 'n', false],
    ]);
    expect(tools[0]!.description).toBe('Über "Wetter" \\ 😀');
    expect(argumentNames(tools[0]!)).toEqual(['city', 'days']);
    expect(tools[2]!.isObject).toBe(false);
  });

  it('is no list when it is something else', () => {
    expect(readTools('{}')).toBeNull();
    expect(readTools('[{]')).toBeNull();
    expect(readTools('[]')).toEqual([]);
  });

  it('is made of the texts of its tools, so reading it changes nothing', () => {
    for (const text of [NESTED, layOut(NESTED)]) {
      const tools = readTools(text)!;
      const again = tools.reduce((json, tool, index) => replaceAt(json, `/${index}`, tool.json), text);
      expect(again).toBe(text);
    }
  });

  it('changes in the member that is edited and nowhere else', () => {
    for (const text of [NESTED, layOut(NESTED)]) {
      const tool = readTools(text)![0]!;
      const edit = (name: string, json: string | null): string => replaceAt(text, '/0', withMember(tool, name, json));
      expect(edit('name', '"other"')).toBe(text.replace('"get_weather"', '"other"'));
      expect(edit('description', quote('a "b"'))).toBe(text.replace(quote(tool.description), quote('a "b"')));
      expect(edit('strict', 'false')).toBe(text.replace('true', 'false'));
      expect(edit('strict', null)).toBe(text.replace(/"strict": ?true,\s*/, ''));
      expect(edit('parameters', '{}')).toBe(text.replace(tool.parameters!, '{}'));
    }
  });

  it('comes back to the byte when an edit is taken back', () => {
    const tool = readTools(NESTED)![0]!;
    const changed = readTool(withMember(tool, 'name', '"x"'));
    expect(withMember(changed, 'name', '"get_weather"')).toBe(tool.json);
    const [, custom] = readTools(NESTED)!;
    const added = readTool(withMember(custom!, 'description', '"d"'));
    expect(withMember(added, 'description', null)).toBe(custom!.json);
  });
});

describe('the spelling of an endpoint', () => {
  const nested =
    '{"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"s: \\"a\\""}}}}';
  const flat = '{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"s: \\"a\\""}}';
  const call = '{"type":"function","name":"f","parameters":{"maximum":1.0e3},"strict":true,"x":[1.50]}';

  it('is nested in a chat and flat in responses, with numbers as they were', () => {
    expect(spelledFor(nested, 'responses')).toBe(flat);
    expect(spelledFor(flat, 'chat')).toBe(nested);
    const chat = '{"type":"function","function":{"name":"f","parameters":{"maximum":1.0e3},"strict":true,"x":[1.50]}}';
    expect(spelledFor(call, 'chat')).toBe(chat);
    expect(spelledFor(chat, 'responses')).toBe(call);
  });

  it('stays where it fits, and for kinds that have one spelling', () => {
    for (const json of [nested, '{"type":"web_search"}', '{ "type" : "x" }']) {
      expect(spelledFor(json, 'chat')).toBe(json);
    }
    expect(isSpelledFor(readTool(call), 'chat')).toBe(false);
    expect(isSpelledFor(readTool(call), 'generic')).toBe(true);
  });
});

describe('members without a field of their own', () => {
  it('are those that are documented, sent or not, and those that nobody knows', () => {
    const tool = readTool('{"type":"web_search","filters":{"a":1},"x":1.50}');
    const rows = memberRows(tool, kindOf('web_search', 'responses')!.members);
    expect(rows.map(({ name, json, known }) => [name, json, known !== null])).toEqual([
      ['search_context_size', null, true],
      ['user_location', null, true],
      ['filters', '{"a":1}', true],
      ['x', '1.50', false],
    ]);
  });

  it('of a nested tool stand in it and beside it', () => {
    const rows = memberRows(readTools(NESTED)![0]!, []);
    expect(rows.map(({ at, name, json }) => [at, name, json])).toEqual([
      ['/function', 'x_own', '[1e0, 12345678901234567890]'],
      ['', 'x_cache', '{"ttl":1.50}'],
    ]);
  });
});
