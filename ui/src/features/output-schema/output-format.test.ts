import { describe, expect, it } from 'vitest';
import { nameFault, OutputFormat, wordsOf } from './output-format';

const chat = (text: string | null) => new OutputFormat(text, wordsOf('chat')!);
const responses = (text: string | null) => new OutputFormat(text, wordsOf('responses')!);

describe('the form of an answer', () => {
  it('is read in the words of its endpoint', () => {
    expect(chat(null).mode).toBe('none');
    expect(chat('null').mode).toBe('none');
    expect(chat('{"type":"text"}').mode).toBe('text');
    expect(chat('{"type":"grammar","x":1}').mode).toBe('other');
    expect(chat('{"type":"json_schema"').isJson).toBe(false);
    const nested = chat('{"type":"json_schema","json_schema":{"name":"a","schema":{"maximum":1.0e3}}}');
    expect([nested.mode, nested.member('name'), nested.member('schema')]).toEqual([
      'json_schema',
      '"a"',
      '{"maximum":1.0e3}',
    ]);
    const flat = responses('{"verbosity":"low","format":{"type":"json_schema","name":"a","schema":{"maximum":1.0e3}}}');
    expect([flat.mode, flat.member('name'), flat.member('schema')]).toEqual([
      'json_schema',
      '"a"',
      '{"maximum":1.0e3}',
    ]);
    expect(responses('{"verbosity":"low"}').mode).toBe('none');
  });

  it('changes one member and nothing beside it', () => {
    const text = '{ "type":"json_schema" , "json_schema": {"schema":{"a":1.50}, "x": 2, "name" : "old"} }';
    expect(chat(text).withMember('name', '"new"')).toBe(text.replace('"old"', '"new"'));
    expect(chat(text).withMember('schema', '{"a":1.5}')).toBe(text.replace('1.50', '1.5'));
    expect(chat(text).withMember('strict', 'true')).toBe(text.replace('"old"}', '"old", "strict":true}'));
    expect(chat(chat(text).withMember('strict', 'true')).withMember('strict', null)).toBe(text);
  });

  it('leaves the other members of text alone, and the key goes when nothing is left', () => {
    const text = '{"verbosity":"low","x":1.0}';
    const object = responses(text).withMode('json_object', null)!;
    expect(object).toBe('{"verbosity":"low","x":1.0,"format":{"type":"json_object"}}');
    expect(responses(object).withMode('none', null)).toBe(text);
    expect(responses('{ "format": {"type":"text"} }').withMode('none', null)).toBeNull();
    expect(chat('{"type":"text"}').withMode('none', null)).toBeNull();
  });

  it.each([
    ['chat', chat],
    ['responses', responses],
  ] as const)('of %s comes back as it was when the mode does', (_, format) => {
    for (const start of [null, '{"verbosity": "low"}', '{\n  "verbosity": "low"\n}']) {
      const first = format(format === chat ? null : start).withMode('json_schema', null)!;
      expect(format(first).member('strict')).toBe('true');
      const edited = format(first).withMember('description', '"größe 😀"')!;
      const object = format(edited).withMode('json_object', null)!;
      expect(format(object).mode).toBe('json_object');
      expect(format(object).withMode('json_schema', format(edited).kept)).toBe(edited);
    }
  });

  it('gets what holds the name when it is missing', () => {
    const made = chat('{"type":"json_schema"}').withMember('name', '"a"')!;
    expect(JSON.parse(made)).toEqual({ type: 'json_schema', json_schema: { name: 'a' } });
  });

  it('wants a name that servers take', () => {
    expect(nameFault('order_2-a')).toBeNull();
    for (const bad of [null, '', 'größe', 'a b', 'x'.repeat(65)]) expect(nameFault(bad)).not.toBeNull();
  });
});
