// What is compared of an answer: everything that it says, in the order in which it is shown.
import type { LiveCell } from '../../state/runs/live-cell.svelte';

export interface AnswerText {
  text: string;
  /** Where the text of each choice begins in it, by the index of the choice. */
  starts: ReadonlyMap<number, number>;
}

export function answerText(cell: LiveCell, choice: number): AnswerText {
  const starts = new Map<number, number>();
  const parts: string[] = [];
  let length = 0;
  const add = (part: string) => {
    if (part === '') return;
    if (length > 0) length += 2;
    length += part.length;
    parts.push(part);
  };
  const shown = cell.hasItems
    ? cell.inOrder
    : cell.inOrder.filter((one, at) => at === Math.min(choice, cell.choices.size - 1));
  for (const one of shown) {
    const said = one.text.toString();
    if (said !== '') starts.set(one.index, length === 0 ? 0 : length + 2);
    add(said === '' && one.item?.type === 'value' ? one.item.json : said);
    add(one.refusal.toString());
    for (const call of one.toolCalls) add(`${call.name} ${call.arguments.toString()}`.trim());
  }
  return { text: parts.join('\n\n'), starts };
}
