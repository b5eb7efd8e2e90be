// What the plan of a run says about a step of its dialogue.
import type { ToolPlan } from '../../bindings/ToolPlan';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

/** The plan that the run was started with; `null` when the run is not on screen. */
export function planOf(app: App, cell: LiveCell): ToolPlan | null {
  return app.runs.snapshotOf(cell.head.run)?.draft.toolPlan ?? null;
}

/** `Step 3`, or where the dialogue goes on by itself `Step 3 of at most 8`. */
export function stepName(plan: ToolPlan | null, cell: LiveCell): string {
  const number = cell.head.step + 1;
  const most = plan?.mode === 'auto' && cell.isGrowing ? Math.max(plan.mostSteps, number) : null;
  return most === null ? `Step ${number}` : `Step ${number} of at most ${most}`;
}

/** The answer has calls and nothing followed it. */
export function waitsForResults(app: App, cell: LiveCell): boolean {
  return stepsOf(app, cell).every(({ head }) => head.step <= cell.head.step);
}

/** The dialogue that a call is part of. */
export function stepsOf(app: App, cell: LiveCell): LiveCell[] {
  return app.runs.dialoguesOfLane(cell.head.lane).find((steps) => steps.includes(cell)) ?? [cell];
}

/** Answers in a row that the plan went on from, this one included, are as many as it allows. */
export function isSpent(app: App, cell: LiveCell): boolean {
  const plan = planOf(app, cell);
  if (plan?.mode !== 'auto') return false;
  const earlier = stepsOf(app, cell).filter(({ head }) => head.step < cell.head.step);
  const byHand = earlier.findLastIndex(({ head }) => head.results.some(({ origin }) => origin.kind === 'hand'));
  const inARow = earlier.length - byHand;
  return inARow >= plan.mostSteps && inARow % plan.mostSteps === 0;
}
