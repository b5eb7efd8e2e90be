// What the section of sounds shows: the recordings, the transcripts of the chosen one, and speech. A recording and the
// document that transcribes it have the same id, so that one is found by the other.
import type { Recording } from '../../bindings/Recording';
import type { RunSummary } from '../../bindings/RunSummary';
import type { SoundSource } from '../../bindings/SoundSource';
import type { Word } from '../../bindings/Word';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import { newComparison, newLane } from '../../state/comparison/new';
import { mediaScope, type MediaScope } from '../../state/media-scope.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { soundView } from '../sound/sound-view.svelte';
import { Recorder } from './recorder.svelte';
import { Speech } from './speech.svelte';
import { wordAt } from './transcript-forms';
import { Transcripts } from './transcripts.svelte';

/** What servers of this kind take at most, bytes. */
export const UPLOAD_LIMIT = 25 * 1024 * 1024;

export class AudioView {
  recordings: Recording[] = $state.raw([]);
  isRead = $state(false);
  problem: string | null = $state(null);
  isImporting = $state(false);
  /** Which of the two halves a narrow window shows. */
  half: 'transcript' | 'speech' = $state('transcript');
  /** Whose call the inspector shows. */
  inspected: 'transcript' | 'speech' = $state('transcript');
  /** Faster or slower than it was spoken. */
  speed = $state(1);
  readonly recorder: Recorder;
  readonly transcripts: Transcripts;
  readonly speech: Speech;
  readonly hearing: MediaScope;
  readonly speaking: MediaScope;

  #choice = 0;
  #choosing: Promise<void> = Promise.resolve();

  constructor(readonly app: App) {
    this.recorder = new Recorder(
      app,
      () => this.#freeName('Note 1'),
      (recording) => this.#take([recording]),
    );
    this.transcripts = new Transcripts(app);
    this.speech = new Speech(app, this);
    const { transcribe, synthesize } = app.media;
    this.hearing = mediaScope(app, transcribe, {
      start: () => this.transcribe(),
      startReason: () => this.transcribeReason,
    });
    this.speaking = mediaScope(app, synthesize, {
      start: (lanes) => this.speech.start(lanes),
      startReason: () => this.speech.reason,
    });
  }

  get document() {
    return this.app.media.transcribe;
  }

  /** The recording that is chosen; `null` too when it was deleted and its transcript is looked at. */
  get recording(): Recording | null {
    const id = this.document.draft.isOpen ? this.document.draft.comparison.draft.recording : null;
    return this.recordings.find((one) => one.id === id) ?? null;
  }

  async enter(): Promise<void> {
    await Promise.all([this.#read(), this.recorder.look(), this.speech.enter()]);
    const { document } = this;
    if (document.draft.isOpen && document.draft.comparison.draft.recording !== null) return;
    const known = document.rows.find(({ id }) => this.recordings.some((one) => one.id === id));
    const first = this.recordings.find(({ id }) => id === known?.id) ?? this.recordings[0];
    if (first) await this.choose(first);
    else if (!document.draft.isOpen) document.show(this.#blank());
  }

  async #read(): Promise<void> {
    try {
      this.recordings = await this.app.host.listRecordings();
      this.problem = null;
    } catch (error) {
      this.problem = describeError(error);
    }
    this.isRead = true;
  }

  // ---- recordings

  /** Opens a recording. Of several that are chosen in a hurry the last one is opened, one after the other. */
  choose(recording: Recording): Promise<void> {
    const mine = ++this.#choice;
    this.#choosing = this.#choosing.then(async () => {
      if (mine === this.#choice) await this.#open(recording);
    });
    return this.#choosing;
  }

  async #open(recording: Recording): Promise<void> {
    if (this.recording?.id === recording.id) return;
    const { document } = this;
    const isKnown = document.rows.some(({ id }) => id === recording.id);
    if (isKnown) await document.open(recording.id);
    if (!isKnown || document.draft.comparison.draft.recording !== recording.id) this.#begin(recording);
    this.half = 'transcript';
  }

  /** A document for a recording, with the models and the parameters that were used last. */
  #begin(recording: Recording): void {
    const { document } = this;
    const made = this.#blank();
    made.id = recording.id;
    made.name = recording.name;
    made.draft.recording = recording.id;
    document.show(made);
    document.draft.touch();
  }

  #blank() {
    const { document } = this;
    const before = document.draft.isOpen ? document.draft.snapshot() : null;
    const lanes = before?.lanes ?? [newLane(document.connections[0]?.id ?? '', '', 'transcribe')];
    const made = newComparison('Recordings', newLane('', '', 'transcribe'), null);
    made.draft.messages = [];
    made.draft.parameters = before?.draft.parameters ?? [
      { name: 'response_format', json: '"verbose_json"' },
      { name: 'timestamp_granularities', json: '["word","segment"]' },
    ];
    made.lanes = lanes.map((lane) => ({ ...lane, id: newLane('', '').id }));
    return made;
  }

  async import(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    this.isImporting = true;
    const taken: Recording[] = [];
    try {
      for (const file of files) {
        const bytes = new Uint8Array(await file.arrayBuffer());
        taken.push(await this.app.host.importRecording(file.name, bytes));
      }
    } catch (error) {
      this.app.report(error);
    }
    this.isImporting = false;
    if (taken.length === 0) return;
    this.#take(taken);
    this.app.announce(taken.length === 1 ? `Imported ${taken[0]?.name}` : `Imported ${taken.length} recordings`);
  }

  #take(fresh: readonly Recording[]): void {
    this.recordings = [...fresh, ...this.recordings];
    const [first] = fresh;
    if (first) void this.choose(first);
  }

  /** A recording that was made elsewhere, without going there. */
  add(recording: Recording): void {
    this.recordings = [recording, ...this.recordings.filter(({ id }) => id !== recording.id)];
  }

  async rename(recording: Recording, name: string): Promise<void> {
    const words = name.trim();
    if (words === '' || words === recording.name) return;
    try {
      const named = await this.app.host.renameRecording(recording.id, words);
      this.recordings = this.recordings.map((one) => (one.id === named.id ? named : one));
      const { draft } = this.document;
      if (draft.comparison.id === named.id && draft.comparison.name !== named.name) draft.rename(named.name);
    } catch (error) {
      this.app.report(error);
    }
  }

  async remove(recording: Recording): Promise<void> {
    try {
      await this.app.host.deleteRecording(recording.id);
      const at = this.recordings.findIndex(({ id }) => id === recording.id);
      this.recordings = this.recordings.filter(({ id }) => id !== recording.id);
      this.app.announce(`Deleted ${recording.name}`);
      if (this.document.draft.comparison.id !== recording.id) return;
      const next = this.recordings[Math.min(at, this.recordings.length - 1)];
      if (next) await this.choose(next);
      else this.document.show(this.#blank());
    } catch (error) {
      this.app.report(error);
    }
  }

  #freeName(first: string): string {
    const taken = new Set(this.recordings.map(({ name }) => name));
    let [name, number] = [first, 1];
    while (taken.has(name)) name = first.replace(/\d+$/, String((number += 1)));
    return name;
  }

  /** The newest run of a recording's document, as far as rows were read. */
  lastRun(id: string): RunSummary | null {
    return this.app.recentRuns.find((run) => run.comparison === id && run.endpoint === 'transcribe') ?? null;
  }

  // ---- transcribing

  /** Why nothing can be sent, or `null`. */
  get transcribeReason(): string | null {
    if (!this.recording) return 'Record or import something first';
    const without = this.document.draft.comparison.lanes.findIndex(({ model }) => model === '');
    if (without < 0) return null;
    return without === 0 ? 'Choose a model' : 'Choose a model to compare with';
  }

  async transcribe(): Promise<void> {
    if (this.transcribeReason === null) await this.document.start();
  }

  /** Sends once more with another form of answer; what is set stays as it is. */
  async transcribeAs(form: string): Promise<void> {
    if (this.transcribeReason !== null) return;
    await this.document.start((sent) => {
      sent.draft.parameters = [
        ...sent.draft.parameters.filter(({ name }) => name !== 'response_format'),
        { name: 'response_format', json: JSON.stringify(form) },
      ];
    });
  }

  /** Sends what failed again, as it was sent. */
  async retry(): Promise<void> {
    const snapshot = this.document.run?.snapshot;
    if (!snapshot) return;
    await this.document.start((sent) => {
      sent.draft = structuredClone(snapshot.draft);
      sent.lanes = structuredClone(snapshot.lanes);
    });
  }

  /** A model beside the first one, to be compared with it. */
  addModel(): string {
    const { draft } = this.document;
    const base = draft.comparison.lanes[0];
    const lane = newLane(base?.connection ?? '', '', 'transcribe');
    draft.comparison.lanes.push(lane);
    draft.touch();
    return lane.id;
  }

  inspect(which: 'transcript' | 'speech', cell: LiveCell): void {
    this.inspected = which;
    (which === 'speech' ? this.speaking : this.hearing).inspect(cell);
  }

  // ---- hearing

  get source(): SoundSource | null {
    return this.recording ? { kind: 'recording', recording: this.recording.id } : null;
  }

  /** Where the chosen recording is, when it is what is on. */
  get playback() {
    const now = soundView.playback;
    return now?.source.kind === 'recording' && now.source.recording === this.recording?.id ? now : null;
  }

  /** Where it would go on, while it is not on. */
  start = $state(0);

  get position(): number {
    return this.playback?.position ?? this.start;
  }

  async play(): Promise<void> {
    const { source, playback } = this;
    if (!source) return;
    if (playback?.playing) return soundView.control(this.app, { kind: 'pause' });
    const atEnd = playback !== null && playback.position >= playback.seconds - 0.05;
    if (playback && !atEnd) return soundView.control(this.app, { kind: 'resume' });
    await soundView.playAll(this.app, [{ source, gain: 0 }], atEnd ? 0 : this.start, this.speed);
  }

  async seek(seconds: number): Promise<void> {
    this.start = Math.max(0, seconds);
    if (this.playback) await soundView.control(this.app, { kind: 'seek', position: this.start });
  }

  /** The words of the transcript on screen that have times. */
  words: readonly Word[] = $state.raw([]);

  async goToWord(by: 1 | -1): Promise<void> {
    const at = wordAt(this.words, this.position);
    const word = this.words[Math.max(0, Math.min(this.words.length - 1, at + by))];
    if (word) await this.seek(word.start);
  }

  async setSpeed(speed: number): Promise<void> {
    this.speed = speed;
    if (this.playback) await soundView.control(this.app, { kind: 'speed', speed });
  }
}

const views = new WeakMap<App, AudioView>();

/** The view of an app; inside of a scope it is that of the app around it. */
export function audioView(app: App): AudioView {
  const known = views.get(app);
  if (known) return known;
  const view = new AudioView(app);
  views.set(app, view);
  return view;
}
