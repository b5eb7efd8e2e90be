// Pictures and sounds without an app: heads of a few formats are read, and a sound is a clock.
import type { FileFacts } from '../../bindings/FileFacts';
import type { Playback } from '../../bindings/Playback';
import type { SoundSource } from '../../bindings/SoundSource';
import type { Host } from '../host';
import { tooLarge } from './picture';

type MediaHost = Pick<
  Host,
  | 'fileFacts'
  | 'smallerPicture'
  | 'soundFacts'
  | 'soundPicture'
  | 'saveSound'
  | 'playSound'
  | 'playSounds'
  | 'controlSound'
>;

const SECONDS = 6.4;
const PEAKS = 400;
/** Head of a WAVE file. */
const WAVE_HEAD = 44;

/** Seconds of a sound that come in one. */
const ARRIVAL = 2;

/** `isLive` tells whether the call of a cell is under way: its sound is heard as it comes. */
export function mediaHost(isLive: (cell: string) => boolean): MediaHost {
  /** When the sound that is on began to come, where it was not whole. */
  let arrivesSince: number | null = null;
  let now: { source: SoundSource; from: number; since: number | null; speed: number } | null = null;

  const playback = (): Playback | null => {
    if (!now) return null;
    const passed = now.since === null ? 0 : ((performance.now() - now.since) / 1000) * now.speed;
    const arriving = arrivesSince !== null && now.source.kind === 'answer' && isLive(now.source.cell);
    const come = arriving ? ((performance.now() - (arrivesSince ?? 0)) / 1000) * ARRIVAL : SECONDS;
    const seconds = Math.min(SECONDS, come);
    const position = Math.min(seconds, now.from + passed);
    return {
      source: now.source,
      turn: 0,
      playing: now.since !== null && (arriving || position < SECONDS),
      arriving,
      position,
      seconds,
      speed: now.speed,
      problem: null,
    };
  };

  return {
    async fileFacts(data) {
      return factsOf(bytesOf(data));
    },
    async smallerPicture(url, { longestEdge, format, quality }) {
      const { kind } = factsOf(bytesOf(url));
      const [width, height] = kind.kind === 'picture' ? [kind.width, kind.height] : [longestEdge, longestEdge];
      const scale = Math.min(1, longestEdge / Math.max(width, height));
      const size = Math.round(width * height * scale * scale * (format === 'jpeg' ? quality / 400 : 1.5)) + 200;
      return { url, bytes: size, width: Math.round(width * scale), height: Math.round(height * scale) };
    },
    async soundFacts() {
      const peaks = Array.from({ length: PEAKS }, (_, at) =>
        Math.round(255 * Math.abs(Math.sin(at / 9) * Math.cos(at / 47)) ** 0.7),
      );
      const bytes = Math.round(SECONDS * 48_000) + WAVE_HEAD;
      return {
        bytes,
        mediaType: 'audio/wav',
        ending: 'wav',
        seconds: SECONDS,
        rate: 24_000,
        channels: 1,
        peaks,
        problem: null,
        damage: null,
      };
    },
    async soundPicture(_source, width, from, to) {
      const level = (column: number) => {
        const at = (from + ((to - from) * column) / Math.max(1, width)) * PEAKS;
        return Math.round(127 * Math.abs(Math.sin(at / 9) * Math.cos(at / 47)) ** 0.7);
      };
      const high = Array.from({ length: width }, (_, column) => level(column));
      const waveform = {
        high,
        low: high.map((level) => -level),
        rms: high.map((level) => Math.round(level * 0.7)),
      };
      const loudness = { integrated: -20.5, truePeak: -3.2, gain: 2.2 };
      return { seconds: SECONDS, rate: 24_000, channels: 1, waveform, loudness, damage: null };
    },
    async saveSound() {
      return { path: '~/Downloads/answer.wav', bytes: Math.round(SECONDS * 48_000) + WAVE_HEAD };
    },
    async playSound(cell, choice, position) {
      now = { source: { kind: 'answer', cell, choice }, from: position, since: performance.now(), speed: 1 };
      return playback();
    },
    async playSounds(turns, position, speed) {
      const [first] = turns;
      const comes = first?.source.kind === 'answer' && isLive(first.source.cell);
      arrivesSince = comes ? performance.now() : null;
      now = first ? { source: first.source, from: position, since: performance.now(), speed } : null;
      return playback();
    },
    async controlSound(order) {
      const at = playback();
      if (now && at) {
        const over = at.position >= SECONDS;
        if (order.kind === 'pause') now = { ...now, from: at.position, since: null };
        if (order.kind === 'resume') now = { ...now, from: over ? 0 : at.position, since: performance.now() };
        if (order.kind === 'seek') now = { ...now, from: order.position, since: at.playing ? performance.now() : null };
        if (order.kind === 'speed') {
          now = { ...now, from: at.position, since: at.playing ? performance.now() : null, speed: order.speed };
        }
        if (order.kind === 'stop') now = null;
      }
      return playback();
    },
  };
}

function bytesOf(data: string): Uint8Array {
  const base64 = data.startsWith('data:') ? data.slice(data.indexOf(',') + 1) : data;
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function factsOf(data: Uint8Array): FileFacts {
  const starts = (text: string, at = 0) =>
    [...text].every((letter, index) => data[at + index] === letter.charCodeAt(0));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytes = data.length;
  if (starts('PNG', 1) && bytes >= 24) {
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    const problem = tooLarge(width, height);
    const picture = { kind: 'picture', width, height, turned: false } as const;
    return { bytes, mediaType: 'image/png', kind: problem ? { kind: 'broken', message: problem } : picture };
  }
  if (starts('RIFF') && starts('WAVE', 8) && bytes >= WAVE_HEAD) {
    const seconds = (bytes - WAVE_HEAD) / view.getUint32(28, true);
    return { bytes, mediaType: 'audio/wav', kind: { kind: 'sound', seconds } };
  }
  if (starts('%PDF-')) return { bytes, mediaType: 'application/pdf', kind: { kind: 'other' } };
  return { bytes, mediaType: 'application/octet-stream', kind: { kind: 'other' } };
}
