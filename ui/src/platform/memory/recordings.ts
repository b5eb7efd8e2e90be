// Recordings without files, and what is heard in them: the same words each time, a few of them otherwise by another model.
import type { Recording } from '../../bindings/Recording';
import type { Transcript } from '../../bindings/Transcript';
import type { Word } from '../../bindings/Word';
import type { WordStep } from '../../bindings/WordStep';
import { newId } from '../../lib/ids';
import type { MemoryHost } from '../memory';
import type { Host } from '../host';

type RecordingsHost = Pick<
  Host,
  | 'listRecordings'
  | 'importRecording'
  | 'renameRecording'
  | 'deleteRecording'
  | 'keepSound'
  | 'transcript'
  | 'compareWords'
> & { keep(recording: Recording): void };

/** Seconds of every sound here, as the player has it. */
const SECONDS = 6.4;

const SENTENCES = [
  'Right, this is the third light this week with the same fault.',
  'The charging port looks fine from outside, but there is corrosion on the second pin.',
  'I think the rubber cap does not close when the mount is on.',
];
const MISHEARD: Record<string, string> = { cap: 'gap', corrosion: 'erosion' };

/** `made`: so many are there from the beginning. */
export function recordingsHost(host: MemoryHost, made = 0): RecordingsHost {
  let recordings = Array.from({ length: made }, (_, at) => sample(made - at));
  const found = (id: string) => {
    const recording = recordings.find((one) => one.id === id);
    if (!recording) throw { kind: 'notFound', what: 'The recording' };
    return recording;
  };

  return {
    keep: (recording) => void (recordings = [recording, ...recordings]),
    async listRecordings() {
      return structuredClone(recordings);
    },
    async importRecording(fileName, data) {
      const [, name = fileName, ending = 'bin'] = /^(.*)\.([^.]+)$/.exec(fileName) ?? [];
      const bytes = data.length;
      const recording: Recording = {
        id: newId(),
        name,
        ending: ending.toLowerCase(),
        mediaType: `audio/${ending.toLowerCase()}`,
        bytes,
        seconds: SECONDS,
        madeAt: Date.now(),
      };
      recordings = [recording, ...recordings];
      return structuredClone(recording);
    },
    async renameRecording(id, name) {
      const recording = { ...found(id), name: name.trim() };
      recordings = recordings.map((one) => (one.id === id ? recording : one));
      return structuredClone(recording);
    },
    async deleteRecording(id) {
      found(id);
      recordings = recordings.filter((one) => one.id !== id);
    },
    async keepSound(_cell, _choice, name) {
      const recording: Recording = {
        id: newId(),
        name,
        ending: 'wav',
        mediaType: 'audio/wav',
        bytes: 307_244,
        seconds: SECONDS,
        madeAt: Date.now(),
      };
      recordings = [recording, ...recordings];
      return structuredClone(recording);
    },
    async transcript(id) {
      const { cell } = await host.openCell(id);
      const { snapshot } = await host.openRun(cell.run);
      const format = snapshot.draft.parameters.find(({ name }) => name === 'response_format')?.json ?? '"json"';
      return heard(JSON.parse(format) as string, cell.model.includes('small'));
    },
    async compareWords(said, text) {
      const [one, other] = [wordsOf(said), wordsOf(text)];
      const steps: WordStep[] = [];
      for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
        const [before, after] = [one[at] ?? null, other[at] ?? null];
        if (before === after) steps.push({ kind: 'same', said: before, heard: after });
        else if (before === null) steps.push({ kind: 'inserted', said: null, heard: after });
        else if (after === null) steps.push({ kind: 'deleted', said: before, heard: null });
        else steps.push({ kind: 'substituted', said: before, heard: after });
      }
      const count = (kind: WordStep['kind']) => steps.filter((step) => step.kind === kind).length;
      const [substitutions, deletions, insertions] = [count('substituted'), count('deleted'), count('inserted')];
      const rate = (substitutions + deletions + insertions) / Math.max(1, one.length);
      return { hits: count('same'), substitutions, deletions, insertions, rate, steps };
    },
  };
}

/** Every seventh has a name that no list has room for. */
function sample(number: number): Recording {
  const long = 'with “quotes”, an umlaut ü, and a name that goes on for longer than any list is wide';
  return {
    id: `sample-${number}`,
    name: number % 7 === 0 ? `Field note ${number} ${long}` : `Field note ${number}`,
    ending: 'wav',
    mediaType: 'audio/wav',
    bytes: 205_000 + number * 1_111,
    seconds: SECONDS,
    madeAt: Date.now() - number * 3_600_000,
  };
}

const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[.,?!]/g, '')
    .split(/\s+/)
    .filter(Boolean);

function heard(format: string, isCareless: boolean): Transcript {
  const sentences = SENTENCES.map((sentence) =>
    isCareless ? sentence.replace(/\b(cap|corrosion)\b/g, (word) => MISHEARD[word] ?? word) : sentence,
  );
  const text = sentences.join(' ');
  const bare: Transcript = {
    form: 'json',
    text,
    language: 'en',
    duration: SECONDS,
    segments: [],
    words: [],
    problems: [],
  };
  if (format === 'json') return bare;
  if (format === 'text') return { ...bare, form: 'text', language: null, duration: null };
  const all = sentences.flatMap((sentence) => sentence.split(' '));
  const length = SECONDS / all.length;
  const words: Word[] = all.map((word, index) => ({
    word,
    start: index * length,
    end: (index + 0.9) * length,
    confidence: index % 19 === 14 ? 0.41 : 0.97,
  }));
  let before = 0;
  const segments = sentences.map((sentence) => {
    const start = before * length;
    before += sentence.split(' ').length;
    const plain = { speaker: null, averageLogprob: -0.2, noSpeechProbability: 0.01 };
    return { ...plain, start, end: before * length, text: sentence };
  });
  return { ...bare, segments, words };
}
