// The one sound that is heard: where it is, asked of the app while it plays.
import type { Playback } from '../../bindings/Playback';
import type { SoundOrder } from '../../bindings/SoundOrder';
import type { SoundTurn } from '../../bindings/SoundTurn';
import type { App } from '../../state/app.svelte';

/** Milliseconds. */
const BEAT = 80;

class SoundView {
  playback: Playback | null = $state.raw(null);
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts orders: an answer to an older one says nothing any more. */
  #order = 0;

  /** Where the sound of an answer is, when it is the one that is on. */
  of(cell: string, choice: number): Playback | null {
    const now = this.playback;
    const source = now?.source;
    return source?.kind === 'answer' && source.cell === cell && source.choice === choice ? now : null;
  }

  async play(app: App, cell: string, choice: number, position: number): Promise<void> {
    await this.#ask(app, () => app.host.playSound(cell, choice, position));
  }

  /** Plays sounds one after the other, the first from `position` on. */
  async playAll(app: App, turns: SoundTurn[], position: number, speed: number): Promise<void> {
    await this.#ask(app, () => app.host.playSounds(turns, position, speed));
  }

  async control(app: App, order: SoundOrder): Promise<void> {
    await this.#ask(app, () => app.host.controlSound(order));
  }

  async #ask(app: App, question: () => Promise<Playback | null>): Promise<void> {
    const mine = ++this.#order;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      const playback = await question();
      if (mine !== this.#order) return;
      this.playback = playback;
      if (playback?.playing) this.#timer = setTimeout(() => void this.control(app, { kind: 'look' }), BEAT);
    } catch (error) {
      if (mine === this.#order) this.playback = null;
      app.report(error);
    }
  }
}

export const soundView = new SoundView();
