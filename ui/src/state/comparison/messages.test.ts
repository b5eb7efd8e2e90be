import { describe, expect, it } from 'vitest';
import {
  contentWithImage,
  contentWithText,
  contentWithoutPart,
  dataUrlBytes,
  indexOfSent,
  mainText,
  messageNames,
  messagePath,
  messageTokens,
  newMessage,
  nextRole,
} from './messages';

describe('names of messages', () => {
  it('carry a number only where a role occurs twice', () => {
    const roles = ['system', 'user', 'assistant', 'user'] as const;
    expect(messageNames(roles.map((role) => ({ role })))).toEqual([
      'System message',
      'User message 1',
      'Assistant message',
      'User message 2',
    ]);
  });
  it('are followed by the role that most likely comes next', () => {
    expect(nextRole([{ role: 'user' }], 0)).toBe('assistant');
    expect(nextRole([{ role: 'tool' }], 0)).toBe('user');
    expect(nextRole([], -1)).toBe('user');
  });
});

describe('images in a message', () => {
  const image = 'data:image/png;base64,AAAA';
  it('stand after its text, and alone when there is none', () => {
    expect(contentWithImage({ kind: 'text', text: 'See' }, image)).toEqual({
      kind: 'parts',
      parts: [
        { kind: 'text', text: 'See' },
        { kind: 'image', url: image, detail: null },
      ],
    });
    expect(contentWithImage({ kind: 'text', text: '' }, image)).toEqual({
      kind: 'parts',
      parts: [{ kind: 'image', url: image, detail: null }],
    });
  });
  it('give plain text back when the last of them is removed', () => {
    expect(contentWithoutPart(contentWithImage({ kind: 'text', text: 'See' }, image), 1)).toEqual({
      kind: 'text',
      text: 'See',
    });
    expect(contentWithoutPart(contentWithImage({ kind: 'null' }, image), 0)).toEqual({ kind: 'text', text: '' });
  });
  it('stay where they are while the text is edited', () => {
    const content = contentWithImage({ kind: 'null' }, image);
    const edited = contentWithText(content, 'New');
    expect(mainText(edited)).toBe('New');
    expect(edited.kind === 'parts' && edited.parts.map(({ kind }) => kind)).toEqual(['text', 'image']);
  });
  it('have the size of their bytes, not of their base64', () => {
    expect([
      dataUrlBytes(image),
      dataUrlBytes('data:image/png;base64,AAA='),
      dataUrlBytes('data:image/png;base64,AA=='),
      dataUrlBytes('https://host/a.png'),
    ]).toEqual([3, 2, 1, null]);
  });
  it('make the count of tokens unknown, for each model counts them its own way', () => {
    const message = newMessage('user', 'See');
    expect(messageTokens(message)).toBe(5);
    message.content = contentWithImage(message.content, image);
    expect(messageTokens(message)).toBeNull();
  });
});

describe('finding the message that a server complains about', () => {
  it('skips those that were not sent', () => {
    const messages = [newMessage('system'), newMessage('user'), newMessage('user')];
    messages[1]!.muted = true;
    expect([indexOfSent(messages, 0), indexOfSent(messages, 1), indexOfSent(messages, 2)]).toEqual([0, 2, -1]);
  });
  it('reads every spelling of a path', () => {
    expect([
      messagePath('messages[0].content'),
      messagePath('body.messages.2.role'),
      messagePath('messages'),
      messagePath('temperature'),
    ]).toEqual([{ sent: 0, rest: 'content' }, { sent: 2, rest: 'role' }, { sent: null, rest: '' }, null]);
  });
});

describe('a muted message', () => {
  it('costs no tokens', () => {
    expect(messageTokens({ ...newMessage('user', 'Hello'), muted: true })).toBe(0);
  });
});
