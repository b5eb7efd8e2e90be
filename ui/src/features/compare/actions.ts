import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { bodyDialog } from '../compose/body-dialog.svelte';
import { ENDPOINTS } from '../../state/comparison/endpoints';
import { continueReason, continueResponse, copyAnswer } from './lane-menu';
import { laneView } from './lane-view.svelte';

export function compareActions(app: App): Action[] {
  const { comparison, runs } = app;
  const here = () => app.section === 'compare';
  const lane = () => comparison.currentLane;
  const report = (error: unknown) => app.report(error);
  const ready = (lanes: string[] | null) => (comparison.isOpen ? runs.startReason(lanes) : 'No comparison is open');

  return [
    {
      id: 'run.all',
      title: 'Run all lanes',
      group: 'Run',
      key: 'Ctrl+Enter',
      visible: here,
      disabledReason: () => ready(null),
      run: () => runs.start(),
    },
    {
      id: 'run.lane',
      title: 'Run current lane',
      group: 'Run',
      key: 'Ctrl+Shift+Enter',
      visible: here,
      disabledReason: () => ready([lane()]),
      run: () => runs.start([lane()]),
    },
    {
      id: 'run.stop',
      title: 'Stop all lanes',
      group: 'Run',
      key: 'Escape',
      inText: true,
      visible: () => runs.isLive,
      run: () => runs.stopAll(),
    },
    {
      id: 'run.stopLane',
      title: 'Stop current lane',
      group: 'Run',
      visible: here,
      disabledReason: () => (runs.standing(lane()) === 'live' ? null : 'The lane is not running'),
      run: () => runs.stopLane(lane()),
    },
    {
      id: 'run.again',
      title: 'Run again, retry failures',
      group: 'Run',
      key: 'Ctrl+R',
      visible: here,
      disabledReason: () => ready(null),
      run: () => runs.startAgain(),
    },
    {
      id: 'lanes.model',
      title: 'Change model of current lane',
      group: 'Lanes',
      key: 'Ctrl+L',
      visible: here,
      run: () => void (laneView.choosingModel = lane()),
    },
    ...ENDPOINTS.map(({ endpoint, label }): Action => ({
      id: `lanes.endpoint.${endpoint}`,
      title: `Endpoint of current lane: ${label}`,
      group: 'Lanes',
      visible: () => here() && comparison.current !== null,
      disabledReason: () =>
        comparison.current && comparison.endpoints.of(comparison.current).some((one) => one.endpoint === endpoint)
          ? null
          : 'The connection of the lane has no such endpoint',
      run: () => comparison.endpoints.set(lane(), endpoint),
    })),
    {
      id: 'lanes.continue',
      title: 'Continue from this response',
      group: 'Lanes',
      visible: here,
      disabledReason: () => continueReason(comparison.current, runs.cellOfLane(lane())?.head ?? null),
      run: () => continueResponse(app, lane()),
    },
    {
      id: 'lanes.editBody',
      title: 'Edit before sending',
      group: 'Lanes',
      visible: here,
      run: () => bodyDialog.open(app, lane()),
    },
    {
      id: 'lanes.hold',
      title: 'Pause lane before sending, or not',
      group: 'Lanes',
      visible: here,
      run: () => comparison.setHold(lane(), !(comparison.current?.hold ?? false)),
    },
    {
      id: 'lanes.duplicate',
      title: 'Duplicate lane',
      group: 'Lanes',
      key: 'Ctrl+D',
      visible: here,
      disabledReason: () => comparison.addLaneReason(),
      run: () => void comparison.duplicateLane(),
    },
    {
      id: 'lanes.close',
      title: 'Close lane',
      group: 'Lanes',
      key: 'Ctrl+W',
      visible: here,
      disabledReason: () => comparison.closeLaneReason(),
      run: () => comparison.closeLane(),
    },
    {
      id: 'lanes.restore',
      title: 'Bring closed lane back',
      group: 'Lanes',
      key: 'Ctrl+Shift+T',
      visible: here,
      disabledReason: () => comparison.restoreLaneReason(),
      run: () => comparison.restoreLane(),
    },
    {
      id: 'lanes.mute',
      title: 'Mute or unmute lane',
      group: 'Lanes',
      visible: here,
      run: () => comparison.setLaneMuted(lane(), !(comparison.current?.muted ?? false)),
    },
    {
      id: 'lanes.left',
      title: 'Move lane left',
      group: 'Lanes',
      visible: here,
      run: () => comparison.moveLane(lane(), Math.max(0, comparison.indexOf(lane()) - 1)),
    },
    {
      id: 'lanes.right',
      title: 'Move lane right',
      group: 'Lanes',
      visible: here,
      run: () =>
        comparison.moveLane(lane(), Math.min(comparison.comparison.lanes.length - 1, comparison.indexOf(lane()) + 1)),
    },
    {
      id: 'lanes.sharedInput',
      title: 'Share or fork the input of the lane',
      group: 'Lanes',
      visible: here,
      run: () => comparison.setSharedInput(lane(), !comparison.sharesInput(lane())),
    },
    {
      id: 'lanes.copy',
      title: 'Copy answer',
      group: 'Lanes',
      visible: here,
      disabledReason: () => (runs.cellOfLane(lane())?.says() ? null : 'There is no answer yet'),
      run: () => copyAnswer(app, lane()),
    },
    {
      id: 'lanes.plain',
      title: 'Plain text or Markdown',
      group: 'Lanes',
      visible: here,
      run: () => laneView.togglePlain(lane()),
    },
    {
      id: 'lanes.answers',
      title: 'Show answers',
      group: 'Lanes',
      visible: here,
      run: () => void (laneView.view = 'answers'),
    },
    {
      id: 'lanes.requests',
      title: 'Show requests',
      group: 'Lanes',
      visible: here,
      run: () => void (laneView.view = 'requests'),
    },
    ...Array.from({ length: 9 }, (_, index): Action => ({
      id: `lanes.select${index + 1}`,
      title: `Go to lane ${comparison.laneLetter(index)}`,
      group: 'Lanes',
      key: `Ctrl+${index + 1}`,
      visible: () => here() && index < comparison.comparison.lanes.length,
      run: () => {
        const target = comparison.comparison.lanes[index];
        if (!target) return;
        comparison.selectLane(target.id);
        document.getElementById(`lane-${target.id}`)?.querySelector<HTMLElement>('[role=log], [data-request]')?.focus();
      },
    })),
  ].map((action) => ({ ...action, run: () => Promise.resolve(action.run()).catch(report) }));
}
