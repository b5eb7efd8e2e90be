import { describe, expect, it } from 'vitest';
import type { Message } from '../bindings/Message';
import { isTemplateParameter, namesInJson, namesInMessage, templatePieces, variableNames } from './variables';

describe('variables in a text', () => {
  // The same cases as the engine's own test: what is highlighted is what is filled in.
  const cases: [string, string[]][] = [
    ['Hi {{name}}!', ['name']],
    ['{{ name }}{{name}}', ['name', 'name']],
    ['{"a":{{"b":1}}}', []],
    ['{{not a name}} {{name}}', ['name']],
    ['{{{name}}}', ['name']],
    ['open {{name', []],
    ['{{ö.x-1}}', ['ö.x-1']],
    ['', []],
  ];
  it.each(cases)('in %s are %j', (template, names) => {
    expect(variableNames(template)).toEqual(names);
  });

  it('are cut out so that the pieces together are the text', () => {
    for (const [template] of cases) {
      expect(
        templatePieces(template)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(template);
    }
  });
});

describe('variables in a message', () => {
  const message = (content: Message['content'], muted = false): Message => ({
    id: 'm',
    role: 'user',
    content,
    muted,
    members: [],
    order: [],
  });

  it('are named once, in reading order, over text and image addresses', () => {
    const content: Message['content'] = {
      kind: 'parts',
      parts: [
        { kind: 'text', text: '{{b}} {{a}} {{b}}' },
        { kind: 'image', url: 'https://host/{{c}}.png', detail: null },
        { kind: 'image', url: 'data:image/png;base64,{{d}}', detail: null },
        { kind: 'raw', json: '{"x":"{{e}}"}' },
      ],
    };
    expect(namesInMessage(message(content))).toEqual(['b', 'a', 'c']);
  });

  it('need no value while the message is muted', () => {
    expect(namesInMessage(message({ kind: 'text', text: '{{a}}' }, true))).toEqual([]);
  });
});

describe('variables in a JSON value', () => {
  it('are those of its texts, not of its names', () => {
    expect(namesInJson('{"{{no}}":["{{b}}",{"x":"{{a}} {{b}}"},7,null]}')).toEqual(['b', 'a']);
    expect(namesInJson('"Be brief, {{name}}."')).toEqual(['name']);
  });

  it('are none while it is no JSON', () => {
    expect(namesInJson('{"a":"{{b}}"')).toEqual([]);
  });

  it('count where the engine fills them in', () => {
    expect(isTemplateParameter('args', 'generic', 'chat')).toBe(true);
    expect(isTemplateParameter('args', 'chat', 'generic')).toBe(false);
    expect(isTemplateParameter('instructions', 'chat', 'responses')).toBe(true);
    expect(isTemplateParameter('instructions', 'chat', 'chat')).toBe(false);
    expect(isTemplateParameter('suffix', 'completions', 'completions')).toBe(false);
  });
});
