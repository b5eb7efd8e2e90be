import { describe, expect, it } from 'vitest';
import { sizeParts } from './request-size';

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe('sizeParts', () => {
  it('takes a body apart to the byte, messages one by one, largest first', () => {
    const body = `{"model":"m", "messages":[{"role":"user","content":"☀ é 👩‍👩‍👧"},{"role":"user","content":"a"}],"temperature" : 1.0}`;
    const parts = sizeParts(body);
    expect(parts.map(({ name }) => name).sort()).toEqual(['', 'messages[0]', 'messages[1]', 'model', 'temperature']);
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes(body));
    expect(parts[0]).toMatchObject({ name: 'messages[0]', bytes: bytes('{"role":"user","content":"☀ é 👩‍👩‍👧"}') });
    expect(parts.find(({ name }) => name === 'temperature')).toMatchObject({ bytes: 3, start: '1.0' });
  });

  it.each(['', 'not JSON\r\n', '[1, 2]', '{}', '"x"'])(
    'has as many bytes as a body that is no object has: %j',
    (body) => {
      expect(sizeParts(body).reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes(body));
    },
  );
});
