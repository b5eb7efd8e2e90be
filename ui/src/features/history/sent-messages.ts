// The messages of a request as they were sent, read from its body.

export interface SentMessage {
  role: string;
  text: string;
}

/** Bodies above this many characters are not taken apart for a glance. */
const most = 2_000_000;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === null || content === undefined ? '' : JSON.stringify(content);
  return content
    .map((part: unknown) => {
      if (!isObject(part)) return JSON.stringify(part);
      if (typeof part['text'] === 'string') return part['text'];
      return `[${typeof part['type'] === 'string' ? part['type'] : 'part'}]`;
    })
    .join('\n');
}

/** The role of a message, or the type of an item that is none. */
function nameOf({ role, type }: Json): string {
  if (typeof role === 'string') return role;
  return typeof type === 'string' ? type.replaceAll('_', ' ') : 'message';
}

/** Null when the body is no list of messages, or too long to be taken apart. */
export function sentMessages(body: string): SentMessage[] | null {
  if (body.length > most) return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  if (typeof value['prompt'] === 'string') return [{ role: 'prompt', text: value['prompt'] }];
  if (typeof value['input'] === 'string') return [{ role: 'user', text: value['input'] }];
  const list = value['messages'] ?? value['input'];
  if (!Array.isArray(list)) return null;
  return list.filter(isObject).map((message) => ({
    role: nameOf(message),
    text:
      textOf(message['content']) ||
      (message['tool_calls'] ? JSON.stringify(message['tool_calls'], null, 2) : '') ||
      textOf(message['output'] ?? message['arguments']),
  }));
}
