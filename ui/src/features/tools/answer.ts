// An answer on screen whose calls wait for their results, and how these are sent.
import { tick } from 'svelte';
import type { ToolReplies } from '../../bindings/ToolReplies';
import type { ToolReply } from '../../bindings/ToolReply';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import type { Reply } from '../../state/tool-replies.svelte';
import { laneView } from '../compare/lane-view.svelte';
import {
  chatCalls,
  edited,
  itemCalls,
  missing,
  questions,
  type Call,
  type GivenItem,
  type Question,
  type Said,
} from './calls';
import { itemReply } from './item-replies';

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

/** Index of the choice of an answer that is on screen. */
export function choiceShown(cell: LiveCell): number {
  const indices = [...cell.choices.keys()].sort((a, b) => a - b);
  return indices[Math.min(laneView.choiceOf(cell.id), indices.length - 1)] ?? 0;
}

export function saidOf(app: App, cell: LiveCell): Said {
  const { toolReplies } = app;
  return {
    reply: (id) => toolReplies.reply(cell, id),
    arguments: ({ choice, call }) => toolReplies.argumentsOf(cell, choice, call),
  };
}

/** Why the results cannot be sent now, or `null`. */
export function sendReason(app: App, cell: LiveCell, calls: readonly Call[]): string | null {
  const lane = app.runs.snapshotOf(cell.head.run)?.lanes.find(({ id }) => id === cell.head.lane);
  if (!lane) return 'Open the run of this answer to go on with it';
  if (lane.rawBody !== null) return 'The body of this lane was written by hand, so results would not be sent';
  if (cell.isAsking || app.toolReplies.isFilling(cell)) return 'A tool is being asked';
  return missing(calls, saidOf(app, cell));
}

/** What goes back to the model. */
export function repliesOf(app: App, cell: LiveCell, choice: number): ToolReplies {
  const calls = callsOf(cell, choice);
  const said = saidOf(app, cell);
  return {
    choice,
    results: questions(calls).map((question) => {
      const reply = said.reply(question.id);
      const { origin, elapsedMs } = reply;
      const state = { kind: 'given', reply: sayingOf(question, reply) } as const;
      return { id: question.id, name: question.name, origin, elapsedMs, state };
    }),
    arguments: edited(calls, said).map((call) => ({
      choice: call.choice,
      call: call.call,
      text: said.arguments(call) ?? call.given,
    })),
  };
}

function sayingOf(question: Question, reply: Reply): ToolReply {
  switch (question.kind) {
    case 'approval':
      return { kind: 'approval', approve: reply.approves === true, reason: reply.reason };
    case 'function':
    case 'custom':
      return { kind: 'output', text: reply.text };
    default:
      return { kind: 'item', json: itemReply(question, reply) ?? '{}' };
  }
}

/** Gives the calls their results, which starts the next step of the dialogue. */
export async function sendResults(app: App, cell: LiveCell, choice: number): Promise<void> {
  const { runs, toolReplies } = app;
  const calls = callsOf(cell, choice);
  if (toolReplies.sending !== null || calls.length === 0 || sendReason(app, cell, calls) !== null) return;
  toolReplies.sending = cell.id;
  try {
    const next = runs.addStep(await app.host.answerCalls(cell.id, repliesOf(app, cell, choice)));
    toolReplies.setReopened(cell, false);
    runs.showCell(next);
    app.announce(`Lane ${app.comparison.letterOf(cell.head.lane)} generating, step ${next.head.step + 1}`);
    await tick();
    // The fields went with the answer, and the focus must not go with them.
    if (document.activeElement === document.body)
      document.getElementById(`lane-${cell.head.lane}`)?.querySelector<HTMLElement>('[role=log]')?.focus();
  } finally {
    toolReplies.sending = null;
  }
}

/** Asks the rules for what is missing, and goes on when nothing is. */
export async function runOn(app: App, cell: LiveCell, choice: number): Promise<void> {
  await app.toolReplies.fill(cell, choice);
  const reason = sendReason(app, cell, callsOf(cell, choice));
  if (reason === null) await sendResults(app, cell, choice);
  else app.toast(reason);
}
