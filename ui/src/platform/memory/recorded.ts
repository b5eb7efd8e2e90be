// What a call of the memory host would have recorded: the events that carried its answer, byte for byte.
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { EventKind } from '../../bindings/EventKind';
import type { TextPart } from '../../bindings/TextPart';
import { itemEvents } from './item-events';
import { piecesOf } from './words';

export interface RecordedEvent {
  /** From 1. */
  number: number;
  /** Milliseconds since the call began. */
  at: number;
  kind: EventKind;
  /** With its terminator. */
  raw: string;
  /** Where `raw` begins in the body, in bytes. */
  offset: number;
  bytes: number;
  text: string;
  part: TextPart | null;
  path: string | null;
  /** What of the answer it brought. */
  appends: Append[];
}

const size = (text: string): number => new TextEncoder().encode(text).length;

/** A number in 0..1 that is always the same for the same place. */
export function steady(seed: number): number {
  const value = Math.sin(seed * 127.1 + 11.7) * 43_758.5453;
  return value - Math.floor(value);
}

/** The likelihood that the made-up model gave to its token. */
export function likelihood(index: number): number {
  return index % 13 === 7 ? 0.14 + steady(index) * 0.3 : 0.68 + steady(index) * 0.31;
}

const others = ['back', 'received', 'checked', 'in', 'once'];

/** The five likeliest tokens, the chosen one first when it is the likeliest. */
export function alternativesOf(text: string, index: number): { text: string; logprob: number }[] {
  const chosen = likelihood(index);
  let left = 1 - chosen;
  const rest = others.slice(0, 4).map((word) => {
    const part = left * 0.52;
    left -= part;
    return { text: (text.startsWith(' ') ? ' ' : '') + word, logprob: Math.log(part) };
  });
  return [{ text, logprob: Math.log(chosen) }, ...rest].sort((a, b) => b.logprob - a.logprob);
}

/** Whether the answer carried log probabilities: it was asked to, or comes from the one model that always does. */
export function hasLogprobs(cell: Cell): boolean {
  const asked = cell.request?.keys.some(({ name, json }) => name === 'logprobs' && json === 'true');
  return asked === true || cell.model.startsWith('llama');
}

export function recordedEvents(cell: Cell): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  let offset = 0;
  const logprobs = hasLogprobs(cell);
  const add = (kind: EventKind, at: number, raw: string, more: Partial<RecordedEvent> = {}) => {
    const bytes = size(raw);
    events.push({
      number: events.length + 1,
      at,
      kind,
      raw,
      offset,
      bytes,
      text: raw.trim(),
      part: null,
      path: null,
      appends: [],
      ...more,
    });
    offset += bytes;
  };
  if (cell.outcome.choices.some(({ item }) => item)) {
    for (const [index, one] of itemEvents(cell).entries())
      add('message', cell.arrivals[index] ?? 0, `event: ${one.name}\ndata: ${one.data}\n\n`, one.more);
    return events;
  }
  const choice = cell.outcome.choices[0];
  const reasoning = piecesOf(choice?.reasoning ?? '');
  const texts = piecesOf(choice?.text ?? '');
  const at = { reasoning: 0, text: 0 };
  const pieces = [...reasoning, ...texts].slice(0, cell.arrivals.length);
  for (const [index, text] of pieces.entries()) {
    const thinking = index < reasoning.length;
    const channel = thinking ? 'reasoning' : 'text';
    const field = thinking ? 'reasoning_content' : 'content';
    const start = at[channel];
    at[channel] += text.length;
    const top = alternativesOf(text, index);
    const chunk = {
      id: `chatcmpl-${cell.id.slice(0, 6)}`,
      object: 'chat.completion.chunk',
      created: 1_763_631_682,
      model: cell.model,
      choices: [
        {
          index: 0,
          delta: { [field]: text },
          ...(logprobs && !thinking
            ? { logprobs: { content: [{ token: text, logprob: Math.log(likelihood(index)), top_logprobs: top }] } }
            : {}),
          finish_reason: null,
        },
      ],
    };
    add('message', cell.arrivals[index]!, `data: ${JSON.stringify(chunk)}\n\n`, {
      text,
      part: { channel, choice: 0, start, end: start + text.length },
      path: `$.choices[0].delta.${field}`,
      appends: [{ kind: channel, choice: 0, text }],
    });
  }
  const broken = cell.error?.kind === 'rejected' && cell.error.event === events.length + 1 ? cell.error : null;
  if (broken) {
    const error = JSON.stringify({ error: { code: broken.code, message: broken.message } });
    add('error', cell.arrivals[events.length] ?? broken.elapsedMs, `event: error\ndata: ${error}\n\n`, { text: error });
  }
  return events;
}
