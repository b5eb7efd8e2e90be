// One recording under way: its clock, its level and its waveform, as the app tells them about twenty times a second.
import type { InputDevice } from '../../bindings/InputDevice';
import type { RecorderNews } from '../../bindings/RecorderNews';
import type { Recording } from '../../bindings/Recording';
import type { RecordingRate } from '../../bindings/RecordingRate';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';

/** Parts of 20 ms that are one bar. */
const PARTS = 5;
/** More bars than a window is wide. */
const MOST_BARS = 900;

export class Recorder {
  devices: InputDevice[] = $state.raw([]);
  /** Why nothing can be recorded from. */
  devicesProblem: string | null = $state(null);
  /** The chosen device; `null` leaves the choice to the system. */
  device: string | null = $state(null);
  rate: RecordingRate = $state('speech');
  news: RecorderNews | null = $state.raw(null);
  /** 0 to 255 each, newest last. */
  bars: number[] = $state.raw([]);
  /** Between the press of a button and what comes of it. */
  isBusy = $state(false);
  /** Why the last recording ended, or did not begin. */
  problem: string | null = $state(null);
  #part: number[] = [];

  constructor(
    private readonly app: App,
    /** A name for the next recording. */
    private readonly name: () => string,
    private readonly kept: (recording: Recording) => void,
  ) {}

  get isOn(): boolean {
    return this.news !== null;
  }

  get isPaused(): boolean {
    return this.news?.state === 'paused';
  }

  get deviceName(): string {
    const chosen = this.devices.find(({ id }) => id === this.device) ?? this.devices.find(({ isDefault }) => isDefault);
    return chosen?.name ?? this.devices[0]?.name ?? 'No input device';
  }

  async look(): Promise<void> {
    try {
      this.devices = await this.app.host.listInputs();
      this.devicesProblem = this.devices.length === 0 ? 'No input device was found. Connect a microphone' : null;
      if (!this.devices.some(({ id }) => id === this.device)) this.device = null;
    } catch (error) {
      this.devices = [];
      this.devicesProblem = describeError(error);
    }
  }

  /** Why it cannot record now, or `null`. */
  get reason(): string | null {
    return this.isBusy ? 'It is being started' : null;
  }

  async toggle(): Promise<void> {
    await (this.isOn ? this.stop() : this.start());
  }

  async start(): Promise<void> {
    if (this.isBusy || this.isOn) return;
    this.isBusy = true;
    this.problem = null;
    this.bars = [];
    this.#part = [];
    try {
      let over = false;
      await this.app.host.startRecording(this.device, this.rate, (news) => {
        if (over) return;
        over = news.state === 'ended';
        this.#hear(news);
      });
      this.app.announce('Recording');
    } catch (error) {
      this.news = null;
      const why = describeError(error).replace(/\.$/, '');
      await this.look();
      const way = this.devices.length === 0 ? 'Connect a microphone' : 'Check that the system lets Juxta use it';
      this.problem = `${why}. ${way}, then press Record again.`;
    } finally {
      this.isBusy = false;
    }
  }

  async pause(): Promise<void> {
    try {
      await (this.isPaused ? this.app.host.resumeRecording() : this.app.host.pauseRecording());
    } catch (error) {
      this.app.report(error);
    }
  }

  async stop(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const recording = await this.app.host.stopRecording(this.name());
      if (recording) {
        this.kept(recording);
        this.app.announce(`Recorded ${recording.name}`);
      }
    } catch (error) {
      this.app.report(error);
    } finally {
      this.news = null;
      this.isBusy = false;
    }
  }

  #hear(news: RecorderNews): void {
    if (news.state === 'ended') {
      // It ended by itself: what was recorded until then is kept like any other.
      if (news.problem === null) return;
      this.problem = news.problem;
      void this.stop();
      return;
    }
    this.news = news;
    this.#grow(news.waveform.high, news.waveform.low);
  }

  #grow(high: readonly number[], low: readonly number[]): void {
    for (const [at, level] of high.entries()) this.#part.push(Math.max(Math.abs(level), Math.abs(low[at] ?? 0)) * 2);
    const fresh: number[] = [];
    while (this.#part.length >= PARTS) fresh.push(Math.max(...this.#part.splice(0, PARTS)));
    if (fresh.length > 0) this.bars = [...this.bars, ...fresh].slice(-MOST_BARS);
  }
}
