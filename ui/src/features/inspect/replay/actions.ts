import type { Action } from '../../../state/actions.svelte';
import type { App } from '../../../state/app.svelte';
import { canStep, step } from '../stepping';
import { paces, paceWords, replayReason } from './pace';
import { replayView } from './replay-view.svelte';

const notPlaying = 'No recording is playing in this lane';

export function replayActions(app: App): Action[] {
  const { runs, inspector } = app;
  const visible = () => app.section === 'compare';
  const playing = () => (inspector.cell?.isReplaying ? inspector.cell : null);
  const reason = () => replayReason(inspector.cell);

  return [
    ...paces.map(({ id, pace }): Action => ({
      id: `replay.${id}`,
      title: `Replay current lane ${paceWords(pace)}`,
      group: 'Replay',
      visible,
      disabledReason: reason,
      run: () => (inspector.cell ? runs.startReplay(inspector.cell, pace) : undefined),
    })),
    {
      id: 'replay.serve',
      title: 'Serve the recording of the current lane on this computer',
      group: 'Replay',
      visible,
      disabledReason: reason,
      run: () => void (replayView.serving = inspector.cell),
    },
    {
      id: 'replay.pause',
      title: 'Pause or resume the replay',
      group: 'Replay',
      visible,
      disabledReason: () => (playing() ? null : notPlaying),
      run: () => {
        const cell = playing();
        if (cell?.head.state.kind !== 'replaying') return undefined;
        return runs.controlReplay(cell, cell.head.state.paused ? 'resume' : 'pause');
      },
    },
    {
      id: 'replay.next',
      title: 'Next event of the replay',
      group: 'Replay',
      visible,
      disabledReason: () => (playing() ? null : notPlaying),
      run: () => {
        const cell = playing();
        return cell ? runs.controlReplay(cell, 'step') : undefined;
      },
    },
    {
      id: 'replay.finish',
      title: 'Finish all replays',
      group: 'Replay',
      key: 'Escape',
      visible: () => runs.replaying.length > 0 && !runs.isLive,
      run: () => runs.finishReplays(),
    },
    {
      id: 'inspector.previous',
      title: 'Previous event or token',
      group: 'Inspector',
      key: 'Alt+ArrowLeft',
      visible: () => visible() && canStep(),
      run: () => step(-1),
    },
    {
      id: 'inspector.next',
      title: 'Next event or token',
      group: 'Inspector',
      key: 'Alt+ArrowRight',
      visible: () => visible() && canStep(),
      run: () => step(1),
    },
  ];
}
