// The part of the memory host that answers with output items, and serves the strings that were too long to come along.
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { Choice } from '../../bindings/Choice';
import type { LongString } from '../../bindings/LongString';
import type { OutputItem } from '../../bindings/OutputItem';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { sample, samples, unknownSample, valueSample, type Sample } from './samples';
import { piecesOf } from './words';

export type ItemsHost = Pick<Host, 'itemString'>;

/** Longer strings travel by their beginning, as they do over the real seam. */
const LONGEST = 16_384;
const BEGINNING = 64;

export function itemsHost(host: MemoryHost): ItemsHost {
  return {
    async itemString(cell, choice, pointer) {
      const { outcome } = (await host.openCell(cell)).cell;
      const id = outcome.choices.find(({ index }) => index === choice)?.item?.id;
      const whole = [...samples(), unknownSample].find(({ item }) => item['id'] === id)?.item;
      const found = pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], whole);
      if (typeof found !== 'string') throw { kind: 'notFound', what: 'string' };
      return found;
    },
  };
}

/** An item as it travels. */
export function traveling(item: Sample['item']): OutputItem {
  if (item.type === 'value') return { type: 'value', id: null, status: null, json: String(item['json']), long: [] };
  const long: LongString[] = [];
  const cut = (value: unknown, pointer: string): unknown => {
    if (typeof value === 'string' && value.length > LONGEST) {
      long.push({ pointer, characters: value.length, event: 1, within: `/item${pointer}` });
      return value.slice(0, BEGINNING);
    }
    if (Array.isArray(value)) return value.map((one, index) => cut(one, `${pointer}/${index}`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, `${pointer}/${name}`)]));
  };
  const json = JSON.stringify(cut(item, ''));
  const text = (name: string) => (typeof item[name] === 'string' ? item[name] : null);
  return { type: item.type, id: text('id'), status: text('status'), json, long };
}

/** What a call answers whose answer is items: that of a response, or a value of generic inference. */
export function itemAnswer(endpoint: Cell['endpoint']): Sample[] | null {
  if (endpoint === 'generic') return [valueSample];
  if (endpoint !== 'responses') return null;
  return ['reasoning', 'web_search_call', 'function_call', 'image_generation_call', 'message'].map(sample);
}

export const emptyChoice = (index: number): Choice => ({
  index,
  text: '',
  reasoning: '',
  refusal: '',
  toolCalls: [],
  finishReason: null,
  annotations: null,
  item: null,
  textDeltas: 0,
  reasoningDeltas: 0,
  audio: null,
});

export function choiceOf(index: number, { item, text, reasoning, refusal, given }: Sample): Choice {
  const name = typeof item['name'] === 'string' ? item['name'] : '';
  return {
    ...emptyChoice(index),
    text: text ?? '',
    reasoning: reasoning ?? '',
    refusal: refusal ?? '',
    toolCalls: given === undefined ? [] : [{ id: null, kind: item.type, name, arguments: given }],
    item: traveling(item),
  };
}

/** How one item streams: it opens, its text grows, it is whole. */
export function pieces(choice: number, { item, text, reasoning, refusal, given }: Sample): Append[][] {
  if (item.type === 'value') return [[{ kind: 'item', choice, item: traveling(item) }]];
  const { id, type } = item;
  const opened: Append = {
    kind: 'item',
    choice,
    item: traveling({ id, type, name: item['name'], status: 'in_progress' }),
  };
  const name = typeof item['name'] === 'string' ? item['name'] : null;
  return [
    [opened],
    ...piecesOf(reasoning ?? '').map((one): Append[] => [{ kind: 'reasoning', choice, text: one }]),
    ...piecesOf(refusal ?? '').map((one): Append[] => [{ kind: 'refusal', choice, text: one }]),
    ...piecesOf(given ?? '').map((one, index): Append[] => [
      { kind: 'toolCall', choice, call: 0, id: null, name: index === 0 ? name : null, toolKind: type, arguments: one },
    ]),
    ...piecesOf(text ?? '').map((one): Append[] => [{ kind: 'text', choice, text: one }]),
    [{ kind: 'item', choice, item: traveling(item) }],
  ];
}

/** What streamed, from what it became. */
export function sampleOf({ item, text, reasoning, refusal, toolCalls }: Choice): Sample {
  const given = toolCalls[0]?.arguments;
  if (!item || item.type === 'value') return { item: { type: 'value', json: item?.json ?? 'null' } };
  return { item: { ...(JSON.parse(item.json) as Sample['item']) }, text, reasoning, refusal, given };
}

/** What a choice says after one more append. */
export function take(choice: Choice, append: Append): Choice {
  switch (append.kind) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { ...choice, [append.kind]: choice[append.kind] + append.text };
    case 'item':
      return { ...choice, item: append.item };
    case 'toolCall': {
      const before = choice.toolCalls[append.call] ?? { id: null, kind: 'function', name: '', arguments: '' };
      const toolCalls = [...choice.toolCalls];
      toolCalls[append.call] = {
        id: append.id ?? before.id,
        kind: append.toolKind ?? before.kind,
        name: append.name ?? before.name,
        arguments: before.arguments + append.arguments,
      };
      return { ...choice, toolCalls };
    }
    case 'restart':
      return emptyChoice(choice.index);
  }
}
