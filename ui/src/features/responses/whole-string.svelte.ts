import { describeError, isAppError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import type { LiveCell, LiveChoice } from '../../state/runs/live-cell.svelte';
import type { ItemView } from './item-view';

/** Milliseconds between tries. */
const WAITS = [100, 200, 400, 800, 1600];

/** A string of an item that came along, or that is fetched from the recorded bytes when somebody asks for all of it. */
export class WholeString {
  #fetched: { key: string; text: string } | null = $state.raw(null);
  problem: string | null = $state(null);
  busy: boolean = $state(false);

  constructor(
    private readonly app: App,
    private readonly of: () => { item: ItemView; cell: LiveCell; choice: LiveChoice; pointer: string },
  ) {}

  /** Characters of the whole; `null` when the whole came along or was fetched. */
  get missing(): number | null {
    const { item, pointer } = this.of();
    return this.#fetched?.key === this.#key ? null : (item.long(pointer)?.characters ?? null);
  }

  /** As much of it as is here. */
  get text(): string {
    const { item, pointer } = this.of();
    return this.#fetched?.key === this.#key ? this.#fetched.text : (item.text(pointer) ?? '');
  }

  /** An item that is replaced may hold another string. */
  get #key(): string {
    const { item, pointer } = this.of();
    const long = item.long(pointer);
    return `${pointer} ${long?.event ?? ''} ${long?.characters ?? ''}`;
  }

  async fetch(): Promise<void> {
    const { cell, choice, pointer } = this.of();
    const key = this.#key;
    this.busy = true;
    this.problem = null;
    try {
      const text = await this.#read(() => this.app.host.itemString(cell.id, choice.index, pointer));
      if (key === this.#key) this.#fetched = { key, text };
    } catch (error) {
      if (key === this.#key) this.problem = describeError(error);
    } finally {
      this.busy = false;
    }
  }

  /** Bytes that came a moment ago may not be on disk yet, so reading is tried again before it counts as failed. */
  async #read(once: () => Promise<string>): Promise<string> {
    for (const wait of WAITS) {
      try {
        return await once();
      } catch (error) {
        if (!isAppError(error) || error.kind !== 'storage') throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return once();
  }
}
