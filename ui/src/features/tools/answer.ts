// An answer on screen whose calls wait for their results, and how these are sent.
import { tick } from 'svelte';
import { quote } from '../../lib/json-text';
import { replaceAt } from '../../lib/json-slice';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { chatCalls, edited, itemCalls, missing, type Call, type GivenItem, type Said } from './calls';
import { chatMessages, itemMessages, outputMessages, storedResponse, type WholeItem } from './messages';

/** Types that stand for something that is no item of the response. */
const NO_ITEMS = new Set(['value', 'audio']);

function itemsOf(cell: LiveCell): GivenItem[] {
  return cell.inOrder.flatMap(({ index, item, toolCalls }) =>
    item ? [{ index, item, given: toolCalls[0]?.arguments.toString() ?? null }] : [],
  );
}

/** The calls of an answer that is over; `choice` is the one on screen, where there are several. */
export function callsOf(cell: LiveCell, choice: number): Call[] {
  const isOver = !cell.isGrowing && (cell.settled === 'finished' || cell.settled === 'endedEarly');
  if (!isOver) return [];
  if (cell.hasItems) return itemCalls(itemsOf(cell));
  return chatCalls(cell.choices.get(choice)?.toolCalls ?? [], choice);
}

export function saidOf(app: App, cell: LiveCell): Said {
  const { toolReplies } = app;
  return {
    reply: (id) => toolReplies.reply(cell.id, id),
    arguments: (place) => toolReplies.argumentsOf(cell.id, place),
  };
}

/** The response that the results are sent to alone; `null` when the answer is sent back with them. */
export function continues(app: App, cell: LiveCell, calls: readonly Call[]): string | null {
  const lane = app.comparison.lane(cell.head.lane);
  // What the server keeps are the arguments of the model.
  if (!lane || edited(calls, saidOf(app, cell)).size > 0) return null;
  return storedResponse(cell.head, lane);
}

/** Why the results cannot be sent now, or `null`. */
export function sendReason(app: App, cell: LiveCell, calls: readonly Call[]): string | null {
  const lane = app.comparison.lane(cell.head.lane);
  if (!lane) return 'The lane of this answer is closed';
  if (lane.rawBody !== null) return 'The body of this lane is written by hand, so results would not be sent';
  return missing(calls, saidOf(app, cell)) ?? app.runs.startReason([lane.id]);
}

/** Adds the results to the messages of the lane, with the answer where the server does not keep it, and runs the lane. */
export async function sendResults(app: App, cell: LiveCell, choice: number): Promise<void> {
  const { comparison, toolReplies } = app;
  const lane = cell.head.lane;
  const calls = callsOf(cell, choice);
  if (toolReplies.sending !== null || calls.length === 0 || sendReason(app, cell, calls) !== null) return;
  toolReplies.sending = cell.id;
  try {
    const said = saidOf(app, cell);
    const response = continues(app, cell, calls);
    const added =
      response !== null
        ? outputMessages(calls, said)
        : cell.hasItems
          ? [...itemMessages(await wholeItems(app, cell), said), ...outputMessages(calls, said)]
          : chatMessages(cell.answer(choice), calls, said);
    const isForked = comparison.sharesInput(lane);
    if (response !== null) comparison.endpoints.continueFrom(lane, response);
    comparison.continueWith(lane, added, { alone: response !== null, instead: toolReplies.added(cell.id) });
    toolReplies.setAdded(
      cell.id,
      added.map(({ id }) => id),
    );
    comparison.selectLane(lane);
    if (isForked) app.toast(`Lane ${comparison.letterOf(lane)} has messages of its own now`);
    await app.runs.start([lane]);
    await tick();
    // The fields went with the answer, and the focus must not go with them.
    if (document.activeElement === document.body)
      document.getElementById(`lane-${lane}`)?.querySelector<HTMLElement>('[role=log]')?.focus();
  } finally {
    toolReplies.sending = null;
  }
}

/** The items of an answer, with the strings that did not come along. */
function wholeItems(app: App, cell: LiveCell): Promise<WholeItem[]> {
  const items = itemsOf(cell).filter(({ item }) => !NO_ITEMS.has(item.type));
  return Promise.all(
    items.map(async ({ index, item }) => {
      let { json } = item;
      for (const { pointer } of item.long)
        json = replaceAt(json, pointer, quote(await app.host.itemString(cell.id, index, pointer)));
      return { place: String(index), type: item.type, json };
    }),
  );
}
