import type { Cell } from '../../bindings/Cell';
import type { Lane } from '../../bindings/Lane';
import type { MenuItem } from '../../components/Menu.svelte';
import type { App } from '../../state/app.svelte';
import { isLive } from '../../state/runs/live-cell.svelte';
import { replayItems } from '../inspect/replay/replay-items';
import { testRowItem } from '../test-rows/actions';
import { answerItems } from '../transfer/export';
import { bodyDialog } from '../compose/body-dialog.svelte';
import { keepAsMessages, keepReason } from '../tools/keep';
import { laneView } from './lane-view.svelte';

/** Everything that can be done with a lane; the palette offers the same for the current one. */
export function laneMenu(app: App, lane: Lane): MenuItem[] {
  const { comparison, runs } = app;
  const index = comparison.indexOf(lane.id);
  const cell = runs.cellOfLane(lane.id);
  const live = runs.standing(lane.id) === 'live';
  const answer = cell?.says(laneView.choiceOf(cell.id)) ?? false;
  const hint = (id: string) => ({ keys: app.actions.keysFor(id) });
  return [
    live
      ? {
          label: 'Stop lane',
          icon: 'stop',
          run: () => void runs.stopLane(lane.id).catch((error: unknown) => app.report(error)),
        }
      : {
          label: cell ? 'Run lane again' : 'Run lane',
          icon: 'play',
          disabledReason: runs.startReason([lane.id]),
          run: () => void runs.start([lane.id]),
          ...hint('run.lane'),
        },
    {
      label: 'Edit before sending',
      icon: 'code',
      run: () => void bodyDialog.open(app, lane.id).catch((error: unknown) => app.report(error)),
      ...hint('lanes.editBody'),
    },
    { label: 'Pause before sending', checked: lane.hold, run: () => comparison.setHold(lane.id, !lane.hold) },
    { label: 'Change model', icon: 'search', run: () => (laneView.choosingModel = lane.id), ...hint('lanes.model') },
    ...endpointItems(app, lane),
    ...continueItem(app, lane, cell?.head ?? null),
    {
      label: 'Copy answer',
      icon: 'copy',
      separated: true,
      disabledReason: answer ? null : 'There is no answer yet',
      run: () => void copyAnswer(app, lane.id),
    },
    ...keepItem(app, lane),
    { label: 'Plain text', checked: laneView.isPlain(lane.id), run: () => laneView.togglePlain(lane.id) },
    {
      label: 'Show response body',
      icon: 'code',
      disabledReason: cell ? null : 'There is no response yet',
      run: () => cell && app.inspector.showResponse(cell),
    },
    ...replayItems(app, cell).map((item, index) => ({ ...item, separated: index === 0 })),
    {
      ...testRowItem(
        app,
        cell?.id ?? null,
        !cell ? 'There is no answer yet' : isLive(cell.head) ? 'The answer is not complete' : null,
      ),
      separated: true,
    },
    ...answerItems(
      app,
      cell?.id ?? null,
      !cell ? 'There is no answer yet' : isLive(cell.head) ? 'The answer is not complete' : null,
    ),
    {
      label: 'Duplicate lane',
      icon: 'plus',
      separated: true,
      disabledReason: comparison.addLaneReason(),
      run: () => comparison.duplicateLane(lane.id),
      ...hint('lanes.duplicate'),
    },
    {
      label: 'Move left',
      icon: 'left',
      disabledReason: index === 0 ? 'This is the first lane' : null,
      run: () => comparison.moveLane(lane.id, index - 1),
    },
    {
      label: 'Move right',
      icon: 'right',
      disabledReason: index === comparison.comparison.lanes.length - 1 ? 'This is the last lane' : null,
      run: () => comparison.moveLane(lane.id, index + 1),
    },
    { label: 'Mute lane', checked: lane.muted, run: () => comparison.setLaneMuted(lane.id, !lane.muted) },
    {
      label: 'Close lane',
      icon: 'close',
      separated: true,
      disabledReason: comparison.closeLaneReason(),
      run: () => comparison.closeLane(lane.id),
      ...hint('lanes.close'),
    },
  ];
}

/** Which endpoint the lane calls, where its connection has more than one. */
function endpointItems(app: App, lane: Lane): MenuItem[] {
  const all = app.comparison.endpoints.of(lane);
  if (all.length < 2) return [];
  return all.map(({ endpoint, label }, index) => ({
    label: `Endpoint: ${label}`,
    checked: lane.endpoint === endpoint,
    separated: index === 0,
    run: () => void app.comparison.endpoints.set(lane.id, endpoint).catch((error: unknown) => app.report(error)),
  }));
}

/** Offered where there is a dialogue. */
function keepItem(app: App, lane: Lane): MenuItem[] {
  const newest = app.runs.dialogueOfLane(lane.id).at(-1);
  if (!newest || newest.head.step === 0) return [];
  return [
    {
      label: 'Keep as messages',
      icon: 'enter',
      disabledReason: keepReason(app, newest),
      run: () => void keepAsMessages(app, newest).catch((error: unknown) => app.report(error)),
    },
  ];
}

function continueItem(app: App, lane: Lane, head: Cell | null): MenuItem[] {
  if (lane.endpoint !== 'responses') return [];
  return [
    {
      label: 'Continue from this response',
      icon: 'enter',
      separated: true,
      disabledReason: continueReason(lane, head),
      run: () => continueResponse(app, lane.id),
    },
  ];
}

export function continueReason(lane: Lane | null, head: Cell | null): string | null {
  if (lane?.endpoint !== 'responses') return 'The lane does not call responses';
  return head?.endpoint === 'responses' && head.outcome.responseId ? null : 'There is no response to go on from';
}

/**
 * The next run of the lane goes on from its response, which holds what was said before: the messages of the lane are
 * muted and a new one waits to be written.
 */
export function continueResponse(app: App, lane: string): void {
  const { comparison } = app;
  const response = app.runs.cellOfLane(lane)?.head.outcome.responseId;
  if (!response) return;
  comparison.selectLane(lane);
  comparison.endpoints.continueFrom(lane, response);
  comparison.setSharedInput(lane, false);
  for (const message of comparison.messages) comparison.setMuted(message, true);
  comparison.addMessage(undefined, 'user');
}

export async function copyAnswer(app: App, lane: string): Promise<void> {
  const cell = app.runs.cellOfLane(lane);
  if (!cell) return;
  try {
    await navigator.clipboard.writeText(cell.answer(laneView.choiceOf(cell.id)));
    app.announce('Answer copied');
  } catch (error) {
    app.report(error);
  }
}
