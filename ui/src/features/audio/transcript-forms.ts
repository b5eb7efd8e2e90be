// A transcript in every form it can be asked for. What came is shown as it came; the others are made from what it holds.
import type { Segment } from '../../bindings/Segment';
import type { Transcript } from '../../bindings/Transcript';
import type { Word } from '../../bindings/Word';

export const forms = ['reading', 'text', 'json', 'verbose_json', 'srt', 'vtt'] as const;
export type Form = (typeof forms)[number];
/** Those that a server knows. */
export type SentForm = Exclude<Form, 'reading'>;

const endings: Record<SentForm, string> = {
  text: 'txt',
  json: 'json',
  verbose_json: 'json',
  srt: 'srt',
  vtt: 'vtt',
};

export const endingOf = (form: Form): string => (form === 'reading' ? 'txt' : endings[form]);

/** Which form came, going by the answer itself: a server may send another than it was asked for. */
export function formThatCame(transcript: Transcript): SentForm {
  if (transcript.form !== 'json') return transcript.form;
  return transcript.segments.length > 0 || transcript.words.length > 0 ? 'verbose_json' : 'json';
}

/** The transcript in a form, or why it cannot be made from what came. */
export function made(transcript: Transcript, form: SentForm): { text: string } | { missing: string } {
  const spoken = spokenText(transcript);
  switch (form) {
    case 'text':
      return { text: spoken };
    case 'json':
      return { text: JSON.stringify({ text: spoken }, null, 2) };
    case 'verbose_json':
      return hasTimes(transcript) ? { text: JSON.stringify(verbose(transcript), null, 2) } : { missing: NO_TIMES };
    case 'srt':
    case 'vtt': {
      const cues = cuesOf(transcript);
      return cues.length > 0 ? { text: form === 'srt' ? srt(cues) : vtt(cues) } : { missing: NO_TIMES };
    }
  }
}

const NO_TIMES = 'The answer has no times, so this form cannot be made from it.';

export function hasTimes({ segments, words }: Transcript): boolean {
  return segments.length > 0 || words.length > 0;
}

/** What was said, without times. */
export function spokenText({ form, text, segments }: Transcript): string {
  if (form !== 'srt' && form !== 'vtt') return text.trim();
  return segments.map((segment) => segment.text.trim()).join(' ');
}

export function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function verbose({ language, duration, segments, words, text, form }: Transcript) {
  return {
    ...(language === null ? {} : { language }),
    ...(duration === null ? {} : { duration }),
    text: form === 'srt' || form === 'vtt' ? segments.map((one) => one.text.trim()).join(' ') : text,
    ...(segments.length === 0
      ? {}
      : {
          segments: segments.map((segment, id) => ({
            id,
            start: segment.start,
            end: segment.end,
            text: segment.text,
            ...(segment.speaker === null ? {} : { speaker: segment.speaker }),
            ...(segment.averageLogprob === null ? {} : { avg_logprob: segment.averageLogprob }),
            ...(segment.noSpeechProbability === null ? {} : { no_speech_prob: segment.noSpeechProbability }),
          })),
        }),
    ...(words.length === 0
      ? {}
      : {
          words: words.map(({ word, start, end, confidence }) => ({
            word,
            start,
            end,
            ...(confidence === null ? {} : { confidence }),
          })),
        }),
  };
}

// ---- subtitles

interface Cue {
  start: number;
  end: number;
  text: string;
}

/** The longest line that is made of words without segments. */
const WORDS_OF_A_CUE = 12;

function cuesOf(transcript: Transcript): Cue[] {
  return passages(transcript).map(({ start, end, text, speaker }) => ({
    start,
    end: Math.max(start, end),
    text: speaker === null ? text.trim() : `${speaker}: ${text.trim()}`,
  }));
}

function srt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ start, end, text }, index) => `${index + 1}\n${stamp(start, ',')} --> ${stamp(end, ',')}\n${lines(text)}\n`,
  );
  return blocks.join('\n');
}

function vtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ start, end, text }) => `${stamp(start, '.')} --> ${stamp(end, '.')}\n${escaped(lines(text))}\n`,
  );
  return `WEBVTT\n\n${blocks.join('\n')}`;
}

/** An empty line would end a subtitle. */
const lines = (text: string) => text.replace(/\n\s*\n+/g, '\n');

/** In WebVTT these three begin something. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `00:01:07,250`. */
function stamp(seconds: number, mark: ',' | '.'): string {
  const all = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, whole] = [
    Math.floor(all / 3_600_000),
    Math.floor(all / 60_000) % 60,
    Math.floor(all / 1000) % 60,
  ];
  return `${two(hours)}:${two(minutes)}:${two(whole)}${mark}${String(all % 1000).padStart(3, '0')}`;
}

// ---- reading

/** A paragraph of the reading view. */
export interface Passage extends Segment {
  words: { word: Word; /** Counts all words of the transcript. */ index: number }[];
}

/** Segments with the words that were said in them; words alone are cut into lines. */
export function passages({ segments, words }: Transcript): Passage[] {
  if (segments.length === 0) return linesOf(words);
  const found: Passage[] = segments.map((segment) => ({ ...segment, words: [] }));
  let at = 0;
  for (const [index, word] of words.entries()) {
    const middle = (word.start + word.end) / 2;
    while (at + 1 < found.length && middle >= (found[at + 1]?.start ?? Infinity)) at += 1;
    found[at]?.words.push({ word, index });
  }
  return found;
}

function linesOf(words: readonly Word[]): Passage[] {
  const found: Passage[] = [];
  for (const [index, word] of words.entries()) {
    let last = found.at(-1);
    if (!last || last.words.length >= WORDS_OF_A_CUE || /[.?!]$/.test(last.words.at(-1)?.word.word.trim() ?? '')) {
      last = {
        start: word.start,
        end: word.end,
        text: '',
        speaker: null,
        averageLogprob: null,
        noSpeechProbability: null,
        words: [],
      };
      found.push(last);
    }
    last.words.push({ word, index });
    last.text = `${last.text} ${word.word.trim()}`.trim();
    last.end = word.end;
  }
  return found;
}

/** The word that is heard at a moment, or the last one before it; -1 before the first. */
export function wordAt(words: readonly Word[], seconds: number): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle]?.start ?? Infinity) <= seconds + 0.001) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A word that the model was less sure of than this is marked. */
export const UNSURE = 0.6;
/** The mean log probability below which Whisper itself counts a segment as failed. */
const POOR = -1;
/** Above which it takes a segment for silence. */
const NOBODY = 0.6;

/** What is doubtful about a segment, or `null`. */
export function doubt({ averageLogprob, noSpeechProbability }: Segment): string | null {
  if (noSpeechProbability !== null && noSpeechProbability > NOBODY) {
    return `Probably nobody speaks here: ${Math.round(noSpeechProbability * 100)} %`;
  }
  if (averageLogprob !== null && averageLogprob < POOR) return `Mean log probability ${averageLogprob.toFixed(2)}`;
  return null;
}
