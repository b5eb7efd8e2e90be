import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { documentActions } from '../workspace/document-actions';
import { audioView } from './audio-view.svelte';

/** Space presses what has the focus, where that can be pressed. */
const PRESSED = 'button, a, select, summary, input, [role=tab], [role=radio], [role=checkbox]';

export function audioActions(app: App): Action[] {
  const view = () => audioView(app);
  const here = () => app.section === 'audio';
  const isInSpeech = () =>
    document.activeElement?.closest('[aria-label="Synthesize"]') !== null && document.activeElement !== null;
  const word = (id: string, title: string, key: string, by: 1 | -1): Action => ({
    id,
    title,
    group: 'Audio',
    key,
    visible: here,
    disabledReason: () => (view().words.length > 0 ? null : 'The transcript has no words with times'),
    run: () => view().goToWord(by),
  });
  return [
    {
      id: 'audio.record',
      title: 'Record, or stop recording',
      group: 'Audio',
      key: 'R',
      visible: here,
      disabledReason: () => view().recorder.reason,
      run: () => view().recorder.toggle(),
    },
    {
      id: 'audio.pause',
      title: 'Pause recording, or go on with it',
      group: 'Audio',
      visible: () => here() && view().recorder.isOn,
      run: () => view().recorder.pause(),
    },
    {
      id: 'audio.play',
      title: 'Play the recording, or pause',
      group: 'Audio',
      key: 'Space',
      visible: () => here() && !(document.activeElement?.matches(PRESSED) ?? false),
      disabledReason: () => (view().recording ? null : 'No recording is chosen'),
      run: () => view().play(),
    },
    word('audio.nextWord', 'Go to the next word', 'Alt+ArrowRight', 1),
    word('audio.previousWord', 'Go to the previous word', 'Alt+ArrowLeft', -1),
    {
      id: 'audio.import',
      title: 'Import audio files',
      group: 'Audio',
      visible: here,
      run: () => document.querySelector<HTMLInputElement>('[data-audio-files]')?.click(),
    },
    {
      id: 'audio.synthesize',
      title: 'Synthesize',
      group: 'Audio',
      key: 'Ctrl+Enter',
      visible: () => here() && (isInSpeech() || view().half === 'speech'),
      disabledReason: () => view().speech.reason,
      run: () => view().speech.start(),
    },
    {
      id: 'audio.transcribe',
      title: 'Transcribe the recording',
      group: 'Audio',
      key: 'Ctrl+Enter',
      visible: here,
      disabledReason: () => view().transcribeReason,
      run: () => view().transcribe(),
    },
    {
      id: 'audio.retry',
      title: 'Retry: send the same again',
      group: 'Audio',
      key: 'Ctrl+R',
      visible: here,
      disabledReason: () => (view().document.run ? null : 'Nothing was sent yet'),
      run: () => view().retry(),
    },
    {
      id: 'audio.playBoth',
      title: 'Play A then B',
      group: 'Audio',
      visible: here,
      disabledReason: () => view().speech.bothReason,
      run: () => view().speech.playBoth(),
    },
    {
      id: 'audio.roundTrip',
      title: 'Transcribe the speech again, and compare',
      group: 'Audio',
      visible: here,
      disabledReason: () => view().speech.tripReason,
      run: () => view().speech.roundTrip(),
    },
    ...documentActions({ id: 'speech', group: 'Audio', one: 'speech' }, () => view().speech.documents, here),
    {
      id: 'audio.stop',
      title: 'Stop the calls under way',
      group: 'Audio',
      key: 'Escape',
      inText: true,
      visible: () => here() && (view().document.isLive || view().speech.document.isLive),
      run: async () => {
        await Promise.all([view().document.stop(), view().speech.document.stop()]);
      },
    },
  ];
}
