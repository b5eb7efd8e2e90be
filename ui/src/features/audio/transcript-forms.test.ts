import { describe, expect, it } from 'vitest';
import type { Transcript } from '../../bindings/Transcript';
import { formThatCame, made, passages, spokenText, wordAt } from './transcript-forms';
import { lengthOf, placeOf, tenthsOf } from './times';

const plain = { speaker: null, averageLogprob: null, noSpeechProbability: null };
const verbose: Transcript = {
  form: 'json',
  text: 'Right, “so” <b>. Then & there.',
  language: 'en',
  duration: 3725.5,
  segments: [
    { ...plain, start: 0.42, end: 2, text: ' Right, “so” <b>.' },
    { ...plain, start: 3725, end: 3725.5, text: ' Then & there.' },
  ],
  words: [
    { word: 'Right,', start: 0.42, end: 0.8, confidence: 0.9 },
    { word: '“so”', start: 0.9, end: 1.1, confidence: 0.4 },
    { word: '<b>.', start: 1.2, end: 2, confidence: null },
    { word: 'Then', start: 3725, end: 3725.2, confidence: 1 },
    { word: '& there.', start: 3725.2, end: 3725.5, confidence: 1 },
  ],
  problems: [],
};

const textOf = (form: Parameters<typeof made>[1], transcript = verbose) => {
  const result = made(transcript, form);
  return 'text' in result ? result.text : result.missing;
};

describe('the forms of a transcript', () => {
  it('are made from segments, with hours, a comma in SRT, and escapes in WebVTT', () => {
    expect(textOf('srt')).toBe(
      '1\n00:00:00,420 --> 00:00:02,000\nRight, “so” <b>.\n\n2\n01:02:05,000 --> 01:02:05,500\nThen & there.\n',
    );
    expect(textOf('vtt')).toBe(
      'WEBVTT\n\n00:00:00.420 --> 00:00:02.000\nRight, “so” &lt;b&gt;.\n\n01:02:05.000 --> 01:02:05.500\nThen &amp; there.\n',
    );
    expect(JSON.parse(textOf('json'))).toEqual({ text: verbose.text });
    expect(JSON.parse(textOf('verbose_json')).words[1]).toEqual({
      word: '“so”',
      start: 0.9,
      end: 1.1,
      confidence: 0.4,
    });
    expect(formThatCame(verbose)).toBe('verbose_json');
  });

  it('that need times say so when there are none, and subtitles give their words', () => {
    const bare: Transcript = { ...verbose, segments: [], words: [] };
    expect(formThatCame(bare)).toBe('json');
    expect(textOf('srt', bare)).toContain('no times');
    expect(textOf('text', bare)).toBe(verbose.text);
    expect(spokenText({ ...verbose, form: 'srt', text: '1\n00:00…' })).toBe('Right, “so” <b>. Then & there.');
  });
});

describe('reading', () => {
  it('puts each word into its segment, and finds the word of a moment', () => {
    expect(passages(verbose).map(({ words }) => words.map(({ index }) => index))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect([0, 0.42, 1, 5000].map((seconds) => wordAt(verbose.words, seconds))).toEqual([-1, 0, 1, 4]);
  });

  it('cuts words without segments into lines at the end of a sentence', () => {
    const lines = passages({ ...verbose, segments: [] });
    expect(lines.map(({ text }) => text)).toEqual(['Right, “so” <b>.', 'Then & there.']);
  });
});

describe('times', () => {
  it('have the form of the place where they stand', () => {
    expect([tenthsOf(12.46), tenthsOf(0.3), tenthsOf(67.5)]).toEqual(['0:12.4', '0:00.3', '1:07.5']);
    expect([lengthOf(null), lengthOf(751.2), lengthOf(3725)]).toEqual(['–', '12:31', '1:02:05']);
    expect(placeOf(5.99)).toBe('00:05.99');
  });
});
