// A dialogue as messages of the editor, to go on from there in other words.
import type { Message } from '../../bindings/Message';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { callsOf, choiceShown, repliesOf, sendReason } from './answer';

/** Why a dialogue cannot be kept, or `null`. */
export function keepReason(app: App, cell: LiveCell | null): string | null {
  if (!cell) return 'There is no answer yet';
  if (cell.isGrowing || cell.isAsking) return 'The dialogue is not over';
  return app.comparison.lane(cell.head.lane) ? null : 'The lane of this answer is closed';
}

/** Puts the dialogue, up to this answer and with its results where all are there, into the messages of its lane. */
export async function keepAsMessages(app: App, cell: LiveCell): Promise<void> {
  const { comparison } = app;
  const { lane } = cell.head;
  const choice = choiceShown(cell);
  const calls = callsOf(cell, choice);
  const isAnswered = calls.length > 0 && sendReason(app, cell, calls) === null;
  const messages = await app.host.dialogueMessages(cell.id, isAnswered ? repliesOf(app, cell, choice) : null);
  const before = comparison.replaceMessages(lane, messages);
  comparison.selectLane(lane);
  comparison.focusMessage(messages.length - 1);
  const undo = (back: Message[] | null) => comparison.replaceMessages(lane, back);
  app.toast(`Lane ${comparison.letterOf(lane)} has the dialogue as messages of its own`, {
    action: { label: 'Undo', run: () => void undo(before) },
  });
}
