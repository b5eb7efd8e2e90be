import { describe, expect, it } from 'vitest';
import type { Part } from '../../bindings/Part';
import {
  contentWithPart,
  contentWithSwapped,
  contentWithText,
  contentWithoutPart,
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
  const picture: Part = { kind: 'image', url: image, detail: null };
  it('stand after its text, and alone when there is none', () => {
    expect(contentWithPart({ kind: 'text', text: 'See' }, picture)).toEqual({
      kind: 'parts',
      parts: [
        { kind: 'text', text: 'See' },
        { kind: 'image', url: image, detail: null },
      ],
    });
    expect(contentWithPart({ kind: 'text', text: '' }, picture)).toEqual({
      kind: 'parts',
      parts: [{ kind: 'image', url: image, detail: null }],
    });
  });
  it('give plain text back when the last of them is removed', () => {
    expect(contentWithoutPart(contentWithPart({ kind: 'text', text: 'See' }, picture), 1)).toEqual({
      kind: 'text',
      text: 'See',
    });
    expect(contentWithoutPart(contentWithPart({ kind: 'null' }, picture), 0)).toEqual({ kind: 'text', text: '' });
  });
  it('come back to the place where they stood, and change places', () => {
    const content = contentWithPart(contentWithPart({ kind: 'text', text: 'See' }, picture), { ...picture, url: 'b' });
    const without = contentWithoutPart(content, 1);
    expect(contentWithPart(without, picture, 1)).toEqual(content);
    expect(contentWithPart({ kind: 'text', text: 'See' }, picture, 0)).toEqual({
      kind: 'parts',
      parts: [picture, { kind: 'text', text: 'See' }],
    });
    expect(contentWithSwapped(contentWithSwapped(content, 1, 2), 1, 2)).toEqual(content);
    expect(contentWithSwapped(content, 1, 9)).toEqual(content);
  });
  it('stay where they are while the text is edited', () => {
    const content = contentWithPart({ kind: 'null' }, picture);
    const edited = contentWithText(content, 'New');
    expect(mainText(edited)).toBe('New');
    expect(edited.kind === 'parts' && edited.parts.map(({ kind }) => kind)).toEqual(['text', 'image']);
  });
  it('make the count of tokens unknown, for each model counts them its own way', () => {
    const message = newMessage('user', 'See');
    expect(messageTokens(message)).toBe(5);
    message.content = contentWithPart(message.content, picture);
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
