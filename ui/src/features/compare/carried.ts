/** Between the text of an answer and the events that carried it. */
import type { TextChannel } from '../../bindings/TextChannel';
import type { TextPart } from '../../bindings/TextPart';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { placeAt } from './place-at';

/** Which part of which call a text is. */
export interface Carried {
  cell: LiveCell;
  channel: TextChannel;
  /** Index of the choice. */
  choice: number;
}

/** The range that the selected event carried, when it is of this text. */
export function markedIn(app: App, { cell, channel, choice }: Carried): TextPart | null {
  const { marked } = app.inspector;
  return marked?.cell === cell.id && marked.part.channel === channel && marked.part.choice === choice
    ? marked.part
    : null;
}

/**
 * A click chooses the event that carried the word while events are on screen; with Alt it brings them there. A drag
 * selects text, as ever. `offsetAt` tells where in the text a place of the document is.
 */
export function pickEvent(
  app: App,
  click: MouseEvent,
  { cell, channel, choice }: Carried,
  offsetAt: (node: Text, offset: number) => number | null,
): void {
  if (click.button !== 0 || document.getSelection()?.isCollapsed === false) return;
  const { inspector } = app;
  const looking = inspector.open && (inspector.tab === 'events' || inspector.tab === 'tokens');
  if (!looking && !click.altKey) return;
  const place = placeAt(click.clientX, click.clientY);
  const offset = place && offsetAt(place.node, place.offset);
  if (offset === null) return;
  inspector.selectText(cell, channel, choice, offset, !looking).catch((error: unknown) => app.report(error));
}
