import { tick } from 'svelte';
import type { TextPart } from '../../bindings/TextPart';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { laneView } from '../compare/lane-view.svelte';

/** Brings a piece of an answer into view, marked, and takes the focus there. */
export async function showInAnswer(app: App, cell: LiveCell, part: TextPart): Promise<void> {
  const { head } = cell;
  laneView.view = 'answers';
  app.comparison.selectLane(head.lane);
  const choices = [...cell.choices.keys()].sort((a, b) => a - b);
  laneView.showChoice(cell.id, Math.max(0, choices.indexOf(part.choice)));
  if (part.channel === 'reasoning') laneView.reasoningOf = cell.id;
  app.inspector.mark(null);
  await tick();
  app.inspector.mark(part);
  document.getElementById(`lane-${head.lane}`)?.querySelector<HTMLElement>('[role=log]')?.focus();
}
