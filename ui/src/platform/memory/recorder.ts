// Recording without a microphone: a voice that is a sum of waves, twenty times a second.
import type { RecorderNews } from '../../bindings/RecorderNews';
import type { RecorderState } from '../../bindings/RecorderState';
import type { Recording } from '../../bindings/Recording';
import type { Host } from '../host';

type RecorderHost = Pick<
  Host,
  'listInputs' | 'startRecording' | 'pauseRecording' | 'resumeRecording' | 'stopRecording'
>;

/** Milliseconds between two news, and of a part of the waveform. */
const BEAT = 60;
const PART = 20;
const HEAD = 44;
const BYTES_A_SECOND = 32_000;

/** `without`: there is no microphone, or it may not be heard. */
export function recorderHost(without?: 'none' | 'refused'): RecorderHost {
  let now: { id: string; parts: number; paused: boolean; timer: ReturnType<typeof setInterval>; tell: Tell } | null =
    null;
  let count = 0;

  const news = (state: RecorderState, fresh: number): RecorderNews => {
    const { id, parts } = now ?? { id: '', parts: 0 };
    const high = Array.from({ length: fresh }, (_, at) => level(parts - fresh + at));
    const peak = Math.max(1, ...high);
    const seconds = (parts * PART) / 1000;
    return {
      recording: id,
      state,
      seconds,
      bytes: HEAD + seconds * BYTES_A_SECOND,
      rate: BYTES_A_SECOND / 2,
      rms: fresh ? 20 * Math.log10((peak * 0.4) / 127) : -90,
      peak: fresh ? 20 * Math.log10(peak / 127) : -90,
      held: -6,
      waveform: { high, low: high.map((one) => -one), rms: high.map((one) => Math.round(one * 0.4)) },
      problem: null,
    };
  };

  return {
    async listInputs() {
      if (without === 'none') return [];
      return [
        { id: 'memory:built-in', name: 'Built-in microphone', isDefault: true },
        { id: 'memory:headset', name: 'Headset', isDefault: false },
      ];
    },
    async startRecording(_device, _rate, tell) {
      if (without) throw { kind: 'media', message: WITHOUT[without] };
      if (now) clearInterval(now.timer);
      const timer = setInterval(() => {
        if (!now) return;
        const fresh = now.paused ? 0 : BEAT / PART;
        now.parts += fresh;
        tell(news(now.paused ? 'paused' : 'recording', fresh));
      }, BEAT);
      now = { id: `recording-${++count}`, parts: 0, paused: false, timer, tell };
      return now.id;
    },
    async pauseRecording() {
      if (now) now.paused = true;
    },
    async resumeRecording() {
      if (now) now.paused = false;
    },
    async stopRecording(name): Promise<Recording | null> {
      if (!now) return null;
      clearInterval(now.timer);
      const last = news('ended', 0);
      now.tell(last);
      const { id } = now;
      now = null;
      const { bytes, seconds } = last;
      return { id, name, ending: 'wav', mediaType: 'audio/wav', bytes, seconds, madeAt: Date.now() };
    },
  };
}

const WITHOUT = {
  none: 'No device for sound could be opened: there is no microphone.',
  refused: 'No device for sound could be opened: the system does not let Juxta hear the microphone.',
} as const;

type Tell = (news: RecorderNews) => void;

/** 0 to 127, as somebody speaks. */
function level(part: number): number {
  return Math.round(90 * Math.abs(Math.sin(part / 5) * Math.cos(part / 31)) ** 0.7);
}
