// Messages as the composer names and edits them.
import type { Content } from '../../bindings/Content';
import type { Message } from '../../bindings/Message';
import type { Part } from '../../bindings/Part';
import type { Role } from '../../bindings/Role';
import { newId } from '../../lib/ids';
import { MESSAGE_FRAME, estimateTokens } from '../../lib/tokens-estimate';

export const ROLES: { role: Role; label: string }[] = [
  { role: 'developer', label: 'Developer' },
  { role: 'system', label: 'System' },
  { role: 'user', label: 'User' },
  { role: 'assistant', label: 'Assistant' },
  { role: 'tool', label: 'Tool' },
];

export function roleLabel(role: Role): string {
  return ROLES.find((entry) => entry.role === role)?.label ?? role;
}

export function newMessage(role: Role, text = ''): Message {
  const members = role === 'tool' ? [{ name: 'tool_call_id', json: '""' }] : [];
  return { id: newId(), role, content: { kind: 'text', text }, muted: false, members, order: [] };
}

/** `System message`, and `User message 2` where a role occurs twice. */
export function messageNames(messages: readonly { role: Role }[]): string[] {
  const totals = new Map<Role, number>();
  for (const { role } of messages) totals.set(role, (totals.get(role) ?? 0) + 1);
  const seen = new Map<Role, number>();
  return messages.map(({ role }) => {
    const number = (seen.get(role) ?? 0) + 1;
    seen.set(role, number);
    const name = `${roleLabel(role)} message`;
    return (totals.get(role) ?? 0) > 1 ? `${name} ${number}` : name;
  });
}

/** The role that most likely follows: the answer to a person is the assistant's, all else is followed by a person. */
export function nextRole(messages: readonly { role: Role }[], after: number): Role {
  const role = messages[after]?.role;
  return role === 'user' ? 'assistant' : 'user';
}

/** The text of a content as one editor shows it: the first text part stands for the message. */
export function mainText(content: Content): string {
  if (content.kind === 'text') return content.text;
  if (content.kind !== 'parts') return '';
  const part = content.parts.find((candidate) => candidate.kind === 'text');
  return part?.kind === 'text' ? part.text : '';
}

/** Adds a part at the end, or where it stood before. */
export function contentWithPart(content: Content, part: Part, at?: number): Content {
  if (content.kind === 'parts') return { kind: 'parts', parts: content.parts.toSpliced(at ?? Infinity, 0, part) };
  const text = content.kind === 'text' ? content.text : '';
  // A message of one picture needs no empty text beside it.
  if (text === '') return { kind: 'parts', parts: [part] };
  const main: Part = { kind: 'text', text };
  return { kind: 'parts', parts: at === 0 ? [part, main] : [main, part] };
}

/** Lets two parts change places. */
export function contentWithSwapped(content: Content, one: number, other: number): Content {
  if (content.kind !== 'parts') return content;
  const parts = [...content.parts];
  const [first, second] = [parts[one], parts[other]];
  if (!first || !second) return content;
  parts[one] = second;
  parts[other] = first;
  return { kind: 'parts', parts };
}

/** Removes a part. One text that is left alone becomes plain text again, which every server takes. */
export function contentWithoutPart(content: Content, index: number): Content {
  if (content.kind !== 'parts') return content;
  const parts = content.parts.filter((_, at) => at !== index);
  const [only] = parts;
  if (parts.length === 0) return { kind: 'text', text: '' };
  if (parts.length === 1 && only?.kind === 'text') return { kind: 'text', text: only.text };
  return { kind: 'parts', parts };
}

export function contentWithText(content: Content, text: string): Content {
  if (content.kind !== 'parts') return { kind: 'text', text };
  const at = content.parts.findIndex((part) => part.kind === 'text');
  if (at < 0) return text === '' ? content : { kind: 'parts', parts: [{ kind: 'text', text }, ...content.parts] };
  const parts = content.parts.map((part, index): Part => (index === at ? { kind: 'text', text } : part));
  return { kind: 'parts', parts };
}

/** Tokens of a message, estimated; `null` when it holds a picture, a sound or a file, whose price each model sets itself. */
export function messageTokens(message: Message): number | null {
  const { content } = message;
  const isPriced = ({ kind }: Part) => kind === 'image' || kind === 'audio' || kind === 'file';
  if (!message.muted && content.kind === 'parts' && content.parts.some(isPriced)) return null;
  return textTokens(message);
}

/** Tokens of what a message says in words, estimated. */
export function textTokens(message: Message): number {
  if (message.muted) return 0;
  let tokens = MESSAGE_FRAME;
  for (const member of message.members) tokens += estimateTokens(member.json);
  const { content } = message;
  if (content.kind === 'text') return tokens + estimateTokens(content.text);
  if (content.kind !== 'parts') return tokens;
  for (const part of content.parts) {
    if (part.kind === 'text') tokens += estimateTokens(part.text);
    else if (part.kind === 'raw') tokens += estimateTokens(part.json);
  }
  return tokens;
}

/** Index in the draft of the message that is the `sent`-th of those sent; muted messages are not among them. */
export function indexOfSent(messages: readonly Message[], sent: number): number {
  let count = -1;
  for (const [index, message] of messages.entries()) {
    if (!message.muted) count += 1;
    if (count === sent && !message.muted) return index;
  }
  return -1;
}

/** `messages[0].content`, `input.0.content` and `prompt` lead to a message; other names do not. */
export function messagePath(name: string): { sent: number | null; rest: string } | null {
  const match = /^(?:body\.)?(?:messages|input|prompt)(?:(?:\[(\d+)\]|\.(\d+))(.*))?$/.exec(name);
  if (!match) return null;
  const number = match[1] ?? match[2];
  return { sent: number === undefined ? null : Number(number), rest: (match[3] ?? '').replace(/^\./, '') };
}
