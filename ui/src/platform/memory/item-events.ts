// The events that carried an answer of output items.
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { TextChannel } from '../../bindings/TextChannel';
import type { RecordedEvent } from './recorded';
import { pieces, sampleOf } from './items';

const NAMES = {
  text: 'response.output_text.delta',
  reasoning: 'response.reasoning_text.delta',
  refusal: 'response.refusal.delta',
  toolCall: 'response.function_call_arguments.delta',
} as const;

interface ItemEvent {
  name: string;
  data: string;
  more: Partial<RecordedEvent>;
}

export function itemEvents(cell: Cell): ItemEvent[] {
  const ends = new Map<string, number>();
  return cell.outcome.choices.flatMap((choice) =>
    pieces(choice.index, sampleOf(choice)).map((appends, index): ItemEvent => {
      const [append] = appends;
      if (!append || append.kind === 'item' || append.kind === 'restart') {
        const name = `response.output_item.${index === 0 ? 'added' : 'done'}`;
        const item = append?.kind === 'item' ? append.item.json : 'null';
        const data = `{"type":"${name}","output_index":${choice.index},"item":${item}}`;
        // The item as it came, which says which of its strings are elsewhere.
        const whole: Append[] =
          index > 0 && choice.item ? [{ kind: 'item', choice: choice.index, item: choice.item }] : appends;
        return { name, data, more: { appends: whole } };
      }
      return { ...delta(append), more: { ...partOf(append, ends), appends } };
    }),
  );
}

type TextAppend = Exclude<Append, { kind: 'item' } | { kind: 'restart' }>;

const textOf = (append: TextAppend) => (append.kind === 'toolCall' ? append.arguments : append.text);

function delta(append: TextAppend): { name: string; data: string } {
  const name = NAMES[append.kind];
  return { name, data: JSON.stringify({ type: name, output_index: append.choice, delta: textOf(append) }) };
}

function partOf(append: TextAppend, ends: Map<string, number>): Partial<RecordedEvent> {
  const channel: TextChannel = append.kind;
  const key = `${append.choice} ${channel}`;
  const start = ends.get(key) ?? 0;
  const text = textOf(append);
  ends.set(key, start + text.length);
  return { text, part: { channel, choice: append.choice, start, end: start + text.length }, path: '$.delta' };
}
