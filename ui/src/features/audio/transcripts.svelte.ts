// The transcripts of calls, read once they are over, and how one differs from another.
import { SvelteMap } from 'svelte/reactivity';
import type { Transcript } from '../../bindings/Transcript';
import type { WordComparison } from '../../bindings/WordComparison';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';

type Read<Of> = { value: Of } | { problem: string };

export class Transcripts {
  readonly #read = new SvelteMap<string, Read<Transcript>>();
  readonly #compared = new SvelteMap<string, Read<WordComparison>>();
  readonly #asked = new Set<string>();

  constructor(private readonly app: App) {}

  /** What a finished call heard; `null` while it is being read. */
  of(cell: string): Read<Transcript> | null {
    return this.#read.get(cell) ?? null;
  }

  /** Reads the transcript of a call that is over. */
  load(cell: string): void {
    void this.#once(this.#read, cell, () => this.app.host.transcript(cell));
  }

  /** How a text differs from another; asked once for the same two. */
  compared(said: string, heard: string): Read<WordComparison> | null {
    return this.#compared.get(keyOf(said, heard)) ?? null;
  }

  compare(said: string, heard: string): void {
    void this.#once(this.#compared, keyOf(said, heard), () => this.app.host.compareWords(said, heard, true));
  }

  async #once<Of>(known: SvelteMap<string, Read<Of>>, key: string, ask: () => Promise<Of>): Promise<void> {
    const name = `${known === this.#read} ${key}`;
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    try {
      known.set(key, { value: await ask() });
    } catch (error) {
      known.set(key, { problem: describeError(error) });
      // The next look may go better.
      this.#asked.delete(name);
    }
  }
}

const keyOf = (said: string, heard: string) => JSON.stringify([said, heard]);
