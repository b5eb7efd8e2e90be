// A text that is spoken: one lane for each voice, and each sound written down again to see what of it is understood.
import { SvelteMap } from 'svelte/reactivity';
import type { Comparison } from '../../bindings/Comparison';
import type { SoundPicture } from '../../bindings/SoundPicture';
import type { SoundTurn } from '../../bindings/SoundTurn';
import { describeError } from '../../lib/app-error';
import { excerpt } from '../../lib/excerpt';
import type { App } from '../../state/app.svelte';
import { newComparison, newLane } from '../../state/comparison/new';
import { Documents } from '../../state/documents';
import { effectiveValue } from '../../state/comparison/parameters';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { soundView } from '../sound/sound-view.svelte';
import type { AudioView } from './audio-view.svelte';

/** Columns of a waveform in a row; more than a row is bars wide. */
const COLUMNS = 60;

/** How a sound was understood when it was transcribed. */
interface RoundTrip {
  cell: LiveCell | null;
  problem: string | null;
}

type Look = { picture: SoundPicture } | { problem: string };

export class Speech {
  isMatched = $state(true);
  /** Whether what is spoken is heard by itself, as soon as there is something to hear. */
  isHeardAtOnce = $state(false);
  readonly #looks = new SvelteMap<string, Look>();
  readonly #trips = new SvelteMap<string, RoundTrip>();

  #choice = 0;
  #choosing: Promise<void> = Promise.resolve();

  /** The texts, as a list has them. */
  readonly documents: Documents;

  constructor(
    private readonly app: App,
    private readonly view: AudioView,
  ) {
    const { document } = this;
    this.documents = new Documents(app, {
      draft: document.draft,
      get rows() {
        return document.rows;
      },
      open: (id) => this.open(id),
      show: (made) => document.show(made),
      create: () => this.create(),
    });
  }

  get document() {
    return this.app.media.synthesize;
  }

  get comparison(): Comparison {
    return this.document.draft.comparison;
  }

  async enter(): Promise<void> {
    const { document } = this;
    if (document.draft.isOpen) return;
    if (document.rows.length > 0) await document.enter();
    else this.create();
  }

  /** Opens a text. Of several that are chosen in a hurry the last one is opened, one after the other. */
  open(id: string): Promise<void> {
    const mine = ++this.#choice;
    this.#choosing = this.#choosing.then(async () => {
      if (mine === this.#choice && this.comparison.id !== id) await this.document.open(id);
    });
    return this.#choosing;
  }

  /** A new text, with the model and the voices that were used last. */
  create(): void {
    const { document } = this;
    const before = document.draft.isOpen ? document.draft.snapshot() : null;
    const lanes = before?.lanes ?? [newLane(document.connections[0]?.id ?? '', '', 'synthesize')];
    const made = newComparison(this.app.freeName('Speech'), newLane('', '', 'synthesize'), null);
    made.draft.messages = made.draft.messages.filter(({ role }) => role === 'user');
    made.draft.parameters = before?.draft.parameters ?? [{ name: 'response_format', json: '"wav"' }];
    made.lanes = lanes.map((lane) => ({ ...lane, id: newLane('', '').id }));
    document.show(made);
  }

  // ---- what is spoken

  get text(): string {
    const content = this.comparison.draft.messages.find(({ role }) => role === 'user')?.content;
    return content?.kind === 'text' ? content.text : '';
  }

  set text(text: string) {
    const { draft } = this.document;
    const message = draft.comparison.draft.messages.find(({ role }) => role === 'user');
    if (message) draft.setText(message, text);
  }

  // ---- voices

  /** Those that are checked, in the order of their lanes. */
  get voices(): string[] {
    return this.comparison.lanes.flatMap((lane) => voiceOf(this.comparison, lane.id) ?? []);
  }

  /** Those that can be checked: what the table suggests, and whatever was typed. */
  get offered(): string[] {
    const base = this.comparison.lanes[0];
    const kind = base ? this.document.draft.spec(base.id, 'voice')?.kind : null;
    const suggested = kind && 'suggestions' in kind ? kind.suggestions : [];
    return [...suggested, ...this.voices.filter((voice) => !suggested.includes(voice))];
  }

  laneOf(voice: string): string | null {
    return this.comparison.lanes.find(({ id }) => voiceOf(this.comparison, id) === voice)?.id ?? null;
  }

  letterOf(voice: string): string | null {
    const lane = this.laneOf(voice);
    return lane === null ? null : this.document.draft.letterOf(lane);
  }

  setVoice(voice: string, isOn: boolean): void {
    const without = this.voices.filter((one) => one !== voice);
    this.#setVoices(isOn ? [...without, voice] : without);
  }

  #setVoices(voices: readonly string[]): void {
    const { draft } = this.document;
    const { comparison } = draft;
    const base = comparison.lanes[0];
    if (!base) return;
    const known = new Map(comparison.lanes.map((lane) => [voiceOf(comparison, lane.id), lane]));
    const plain = comparison.draft.parameters.filter(({ name }) => name !== 'voice');
    const [first, ...others] = voices;
    const [connection, model] = [base.connection, base.model];
    const lane = (voice: string) => ({
      ...(known.get(voice) ?? newLane(connection, model, 'synthesize')),
      overrides: [] as (typeof base)['overrides'],
      connection,
      model,
    });
    if (first === undefined) {
      comparison.draft.parameters = plain;
      comparison.lanes = [{ ...base, overrides: [] }];
    } else {
      comparison.draft.parameters = [{ name: 'voice', json: JSON.stringify(first) }, ...plain];
      comparison.lanes = [
        lane(first),
        ...others.map((voice) => ({
          ...lane(voice),
          overrides: [{ kind: 'set' as const, parameter: { name: 'voice', json: JSON.stringify(voice) } }],
        })),
      ];
    }
    draft.touch();
  }

  // ---- sending

  /** Why nothing can be sent, or `null`. */
  get reason(): string | null {
    const { draft } = this.document;
    if (!draft.isOpen || this.text.trim() === '') return 'Write what is to be spoken';
    if ((draft.comparison.lanes[0]?.model ?? '') === '') return 'Choose a model';
    if (this.voices.length === 0) return 'Choose a voice';
    const missing = draft.missingVariables;
    return missing.length > 0 ? `Fill ${missing.join(', ')}` : null;
  }

  /** Speaks with every voice, or with those of these lanes. */
  async start(lanes: string[] | null = null): Promise<void> {
    if (this.reason !== null) return;
    const { draft } = this.document;
    if (/^Speech(?: \d+)?$/.test(this.comparison.name)) draft.rename(this.app.freeName(excerpt(this.text)));
    await this.document.start((sent) => {
      const base = sent.lanes[0];
      for (const lane of sent.lanes) {
        if (base) [lane.connection, lane.model] = [base.connection, base.model];
        lane.muted = lanes !== null && !lanes.includes(lane.id);
      }
    });
    const live = this.document.cells.filter(({ isLive }) => isLive);
    if (this.isHeardAtOnce && live.length > 0) await this.#play(live);
  }

  cellOf(lane: string): LiveCell | null {
    return this.document.cells.find(({ head }) => head.lane === lane) ?? null;
  }

  /** Calls that brought a whole sound, in the order of their lanes. */
  get spoken(): LiveCell[] {
    return this.document.cells.filter((cell) => cell.settled === 'finished' && this.pictureOf(cell.id) !== null);
  }

  // ---- hearing

  look(cell: string): void {
    if (this.#looks.has(cell)) return;
    this.app.host.soundPicture({ kind: 'answer', cell, choice: 0 }, COLUMNS, 0, 1).then(
      (picture) => this.#looks.set(cell, { picture }),
      (error: unknown) => this.#looks.set(cell, { problem: describeError(error) }),
    );
  }

  pictureOf(cell: string): SoundPicture | null {
    const look = this.#looks.get(cell);
    return look && 'picture' in look ? look.picture : null;
  }

  problemOf(cell: string): string | null {
    const look = this.#looks.get(cell);
    return look && 'problem' in look ? look.problem : null;
  }

  #turn(cell: LiveCell): SoundTurn {
    const gain = this.isMatched ? (this.pictureOf(cell.id)?.loudness.gain ?? 0) : 0;
    return { source: { kind: 'answer', cell: cell.id, choice: 0 }, gain };
  }

  async toggle(cell: LiveCell): Promise<void> {
    const now = soundView.of(cell.id, 0);
    if (now?.playing) return soundView.control(this.app, { kind: 'pause' });
    const goesOn = now && (now.arriving || now.position < now.seconds - 0.05);
    if (goesOn) return soundView.control(this.app, { kind: 'resume' });
    await this.#play([cell]);
  }

  /** One after the other. What still arrives is heard as it comes, as loud as it is: that is known at its end only. */
  #play(cells: readonly LiveCell[]): Promise<void> {
    const turns = cells.map((cell) => this.#turn(cell));
    return soundView.playAll(this.app, turns, 0, 1);
  }

  get bothReason(): string | null {
    return this.spoken.length < 2 ? 'Two voices have to be spoken first' : null;
  }

  async playBoth(): Promise<void> {
    const [one, other] = this.spoken;
    if (one && other) await this.#play([one, other]);
  }

  // ---- and back to text

  tripOf(cell: string): RoundTrip | null {
    return this.#trips.get(cell) ?? null;
  }

  get tripReason(): string | null {
    if (this.spoken.length === 0) return 'Nothing is spoken yet';
    const model = this.app.media.transcribe.lane?.model ?? '';
    return model === '' ? 'Choose the model of the transcript first' : null;
  }

  /** Has every sound transcribed with the model of the transcripts. The sounds become recordings. */
  async roundTrip(): Promise<void> {
    if (this.tripReason !== null) return;
    await Promise.all(this.spoken.map((cell) => this.#trip(cell)));
  }

  async #trip(cell: LiveCell): Promise<void> {
    this.#trips.set(cell.id, { cell: null, problem: null });
    try {
      const voice = this.document.run ? voiceOf(this.document.run.snapshot, cell.head.lane) : null;
      const recording = await this.app.host.keepSound(cell.id, 0, `${this.comparison.name}, ${voice ?? 'spoken'}`);
      this.view.add(recording);
      const like = this.app.media.transcribe.draft.snapshot();
      const made: Comparison = {
        ...like,
        id: recording.id,
        name: recording.name,
        draft: { ...like.draft, recording: recording.id },
        lanes: like.lanes.slice(0, 1).map((lane) => ({ ...lane, id: newLane('', '').id })),
        repeats: 1,
      };
      this.app.comparisonSaved(await this.app.host.saveComparison(made));
      const { cells } = await this.app.runs.startApart(made);
      this.#trips.set(cell.id, { cell: cells[0] ?? null, problem: null });
    } catch (error) {
      this.#trips.set(cell.id, { cell: null, problem: describeError(error) });
    }
  }

  /** What was to be spoken by a call. */
  get said(): string {
    const content = this.document.run?.snapshot.draft.messages.find(({ role }) => role === 'user')?.content;
    return content?.kind === 'text' ? content.text : this.text;
  }
}

/** The voice of a lane as it is written, or `null` where it has none or is no text. */
export function voiceOf(comparison: Comparison, id: string): string | null {
  const lane = comparison.lanes.find((one) => one.id === id);
  const json = lane ? effectiveValue(comparison, lane, 'voice') : null;
  if (json === null) return null;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : json;
  } catch {
    return json;
  }
}
