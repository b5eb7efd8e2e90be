import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { show } from '../with-app/with-app';
import AudioPage from './AudioPage.svelte';
import { audioView } from './audio-view.svelte';

const soon = { timeout: 15_000 };

function file(name: string, bytes: number): File {
  return new File([new Uint8Array(bytes)], name);
}

async function opened() {
  const shown = await show(AudioPage, 'audio');
  const view = audioView(shown.app);
  await waitFor(() => expect(view.isRead).toBe(true), soon);
  await waitFor(() => expect(view.document.draft.isOpen).toBe(true), soon);
  return { ...shown, view };
}

/** A recording with a model chosen, and sent. */
async function transcribed(models: string[] = ['whisper-large-v3']) {
  const shown = await opened();
  const { view } = shown;
  await view.import([file('Call “Jonas”.wav', 2_000)]);
  await screen.findByRole('option', { name: /Call “Jonas”/ }, soon);
  await waitFor(() => expect(view.recording?.name).toBe('Call “Jonas”'), soon);
  const { draft } = view.document;
  draft.setModel(draft.comparison.lanes[0]!.id, models[0]!);
  for (const model of models.slice(1)) draft.setModel(view.addModel(), model);
  await tick();
  const pane = screen.getByRole('region', { name: 'Transcript of Call “Jonas”' });
  await fireEvent.click(within(pane).getByRole('button', { name: 'Transcribe' }));
  await within(pane).findByRole('tab', { name: 'Reading' }, soon);
  return { ...shown, pane };
}

describe('a recording', () => {
  it('is made with a key, paused, and kept in the list with what it takes on disk', async () => {
    const { app, view } = await opened();
    app.actions.run('audio.record');
    const recorder = screen.getByRole('region', { name: 'Recorder' });
    await within(recorder).findByText('Recording', {}, soon);
    await within(recorder).findByRole('img', { name: /Input level/ }, soon);
    await fireEvent.click(within(recorder).getByRole('button', { name: 'Pause recording' }));
    await within(recorder).findByText('Paused', {}, soon);
    app.actions.run('audio.record');
    await screen.findByRole('option', { name: /Note 1.*Not transcribed/ }, soon);
    expect(view.recording?.name).toBe('Note 1');
    // Its document has its id, and sends its sound.
    expect(view.document.draft.comparison).toMatchObject({
      id: view.recording?.id,
      draft: { recording: view.recording?.id },
    });
  });

  it('says before sending that it is larger than servers take, and can be sent all the same', async () => {
    const { view } = await opened();
    await view.import([file('long.mp3', 26 * 1024 * 1024)]);
    await screen.findByText(/most servers take 25.0 MB at most/, {}, soon);
    expect(view.transcribeReason).toBe('Choose a model');
  });

  it('is opened with its transcript, also when another was chosen a moment before', async () => {
    const { view } = await transcribed();
    await view.import([file('one.wav', 10), file('two.wav', 10)]);
    await waitFor(() => expect(view.recording?.name).toBe('one'), soon);
    const [one, two, jonas] = view.recordings;
    const lanes = view.document.draft.comparison.lanes.map(({ id }) => id);
    await Promise.all([view.choose(two!), view.choose(jonas!), view.choose(one!), view.choose(jonas!)]);
    expect(view.recording?.id).toBe(jonas!.id);
    expect(view.document.cells).toHaveLength(1);
    await view.choose(one!);
    expect(view.document.draft.comparison.lanes.map(({ id }) => id)).toEqual(lanes);
  });

  it('is deleted with its file, after a question', async () => {
    const { view, host } = await opened();
    await view.import([file('one.wav', 10), file('two.wav', 10)]);
    await waitFor(() => expect(view.recording).not.toBeNull(), soon);
    await view.remove(view.recording!);
    expect((await host.listRecordings()).map(({ name }) => name)).toEqual(view.recordings.map(({ name }) => name));
    expect(view.recordings).toHaveLength(1);
    await waitFor(() => expect(view.recording?.id).toBe(view.recordings[0]?.id), soon);
  });
});

describe('a transcript', () => {
  it('is read word by word: each leads to where it is said, and unsure ones are marked', async () => {
    const { app, view, pane } = await transcribed();
    const word = await within(pane).findByRole('button', { name: 'corrosion' }, soon);
    await fireEvent.click(word);
    expect(view.position).toBeGreaterThan(3);
    expect(word.getAttribute('aria-current')).toBe('true');
    const before = view.position;
    app.actions.run('audio.nextWord');
    await waitFor(() => expect(view.position).toBeGreaterThan(before), soon);
    expect(
      within(pane)
        .getAllByRole('button')
        .filter((one) => one.classList.contains('unsure')).length,
    ).toBeGreaterThan(0);
    await screen.findByRole('option', { name: /Transcribed, 40 words/ }, soon);
  });

  it('says which form came and which was made, and asks again with another', async () => {
    const { host, pane } = await transcribed();
    await fireEvent.click(within(pane).getByRole('tab', { name: 'srt' }));
    await within(pane).findByText(/Made from the/, {}, soon);
    expect(pane.textContent).toContain('00:00:00,000 --> ');
    await fireEvent.click(within(pane).getByRole('tab', { name: 'verbose_json' }));
    await within(pane).findByText(/As it came from the server/, {}, soon);
    await fireEvent.click(within(pane).getByRole('tab', { name: 'json' }));
    await fireEvent.click(await within(pane).findByRole('button', { name: 'Ask for json' }, soon));
    await waitFor(() => {
      const [last] = host.runRows;
      const sent = host.runs.get(last!.id)?.snapshot.draft.parameters;
      expect(sent?.find(({ name }) => name === 'response_format')?.json).toBe('"json"');
    }, soon);
    // What was set for the next time is left alone, and times cannot be made of what came now.
    await fireEvent.click(await within(pane).findByRole('tab', { name: 'vtt' }, soon));
    await within(pane).findByText(/The answer has no times/, {}, soon);
  });

  it('is held against that of another model, with the word error rate and the words', async () => {
    const { pane } = await transcribed(['whisper-large-v3', 'whisper-small']);
    const against = await within(pane).findByRole('group', { name: 'Against whisper-small' }, soon);
    await within(against).findByText('WER 5.0 %', {}, soon);
    expect(against.textContent).toContain('2 of 40 words differ');
    await fireEvent.click(within(against).getByRole('button', { name: 'Show all differences' }));
    expect(pane.querySelectorAll('del').length).toBeGreaterThan(1);
  });

  it('that failed keeps the recording, and Retry sends the same again', async () => {
    const { view, host } = await opened();
    await view.import([file('note.wav', 2_000)]);
    await waitFor(() => expect(view.recording).not.toBeNull(), soon);
    const { draft } = view.document;
    draft.setModel(draft.comparison.lanes[0]!.id, 'whisper-422');
    await view.transcribe();
    await screen.findByText(/The recording is kept. Retry sends the same/, {}, soon);
    const first = view.document.run!.snapshot;
    draft.setParameter(draft.comparison.lanes[0]!.id, 'language', '"nl"');
    await fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(host.runRows.filter(({ comparison }) => comparison === first.id)).toHaveLength(2), soon);
    expect(host.runs.get(host.runRows[0]!.id)?.snapshot.draft).toEqual(first.draft);
  });
});

describe('speech', () => {
  it('has a lane for each voice, is played with matched loudness, and comes back as text', async () => {
    const { view, host } = await transcribed();
    const pane = screen.getByRole('region', { name: 'Synthesize' });
    await fireEvent.input(within(pane).getByRole('textbox', { name: 'Text to speak' }), {
      target: { value: 'Hello “Maren”' },
    });
    expect(view.speech.reason).toBe('Choose a model');
    const { draft } = view.speech.document;
    draft.setModel(draft.comparison.lanes[0]!.id, 'kokoro-82m');
    for (const voice of ['alloy', 'coral']) {
      await fireEvent.click(within(pane).getByRole('checkbox', { name: `Voice ${voice}` }));
    }
    expect(view.speech.voices).toEqual(['alloy', 'coral']);
    await fireEvent.click(within(pane).getByRole('button', { name: 'Synthesize' }));
    await within(pane).findByRole('slider', { name: 'Position in coral' }, soon);
    await waitFor(() => expect(view.speech.bothReason).toBeNull(), soon);
    await fireEvent.click(within(pane).getByRole('button', { name: 'Play A then B' }));
    const before = host.runRows.length;
    await fireEvent.click(within(pane).getByRole('button', { name: 'Transcribe' }));
    await waitFor(() => expect(within(pane).getAllByText(/^WER /)).toHaveLength(2), soon);
    expect(host.runRows).toHaveLength(before + 2);
    expect(view.recordings.map(({ name }) => name)).toContain('Hello “Maren”, coral');
    // A voice that is taken away leaves the other its lane.
    const lane = view.speech.laneOf('coral');
    view.speech.setVoice('alloy', false);
    expect([view.speech.voices, view.speech.laneOf('coral')]).toEqual([['coral'], lane]);
  });

  /** Two voices of a model whose answer takes a while, on their way. */
  async function arriving(isHeardAtOnce: boolean) {
    const { app, view } = await opened();
    const pane = screen.getByRole('region', { name: 'Synthesize' });
    await fireEvent.input(within(pane).getByRole('textbox', { name: 'Text to speak' }), { target: { value: 'Hello' } });
    const { draft } = view.speech.document;
    draft.setModel(draft.comparison.lanes[0]!.id, 'kokoro-slow');
    for (const voice of ['alloy', 'coral']) view.speech.setVoice(voice, true);
    await waitFor(() => expect(view.speech.reason).toBeNull(), soon);
    if (isHeardAtOnce) await fireEvent.click(within(pane).getByRole('switch', { name: 'Play as it arrives' }));
    await fireEvent.click(within(pane).getByRole('button', { name: 'Synthesize' }));
    return { app, view, pane };
  }

  it('is heard while it still arrives, and what came of a call that was stopped stays', async () => {
    const { view, pane } = await arriving(false);
    await waitFor(() => expect(view.speech.document.isLive).toBe(true), soon);
    const play = await within(pane).findByRole('button', { name: 'Play alloy' }, soon);
    await waitFor(() => expect(play.getAttribute('aria-disabled')).toBeNull(), soon);
    await fireEvent.click(play);
    await within(pane).findByText('As it arrives', {}, soon);
    await fireEvent.click(within(pane).getByRole('button', { name: 'Pause alloy' }));
    await within(pane).findByText('Paused', {}, soon);
    await fireEvent.click(within(pane).getByRole('button', { name: 'Play alloy' }));
    await within(pane).findByText('As it arrives', {}, soon);
    expect(view.speech.document.isLive).toBe(true);
    await waitFor(() => expect(view.speech.document.cells.every(({ head }) => head.head !== null)).toBe(true), soon);
    await fireEvent.click(within(pane).getByRole('button', { name: /^Stop/ }));
    await within(pane).findByRole('slider', { name: 'Position in alloy' }, soon);
    await waitFor(() => expect(within(pane).getAllByText(/This is what had come of the sound/)).toHaveLength(2), soon);
    // It is no whole sound: nothing is compared with it.
    expect(view.speech.bothReason).not.toBeNull();
    await view.speech.toggle(view.speech.document.cells[0]!);
  });

  it('is heard by itself where that is wanted', async () => {
    const { view, pane } = await arriving(true);
    await within(pane).findByRole('button', { name: 'Pause alloy' }, soon);
    await within(pane).findByText('As it arrives', {}, soon);
    expect(within(pane).getByRole('button', { name: 'Play coral' }).getAttribute('aria-disabled')).toBeNull();
    await view.speech.document.stop();
  });
});
