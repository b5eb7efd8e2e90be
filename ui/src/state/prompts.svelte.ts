// Prompts as files: what the folder says, and what is to be done where it and the screen disagree.
import type { Comparison } from '../bindings/Comparison';
import type { ConflictSide } from '../bindings/ConflictSide';
import type { PromptFile } from '../bindings/PromptFile';
import type { PromptFolder } from '../bindings/PromptFolder';
import { describeError } from '../lib/app-error';
import { plural } from '../lib/format';
import type { App } from './app.svelte';

export class PromptsController {
  folder: PromptFolder | null = $state.raw(null);
  /** Why the folder could not be looked at. */
  problem: string | null = $state(null);
  /** Whether the two sides of a conflict are held beside each other. */
  comparing = $state(false);
  readonly #app: App;
  #looking: Promise<void> | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  /** The file of the comparison on screen. */
  get file(): PromptFile | null {
    const { comparison } = this.#app;
    if (!comparison.isOpen) return null;
    return this.folder?.files.find((file) => file.comparison === comparison.comparison.id) ?? null;
  }

  /** Whether the file and the screen disagree, and wait for a choice. */
  get isInConflict(): boolean {
    return this.file?.state.kind === 'conflict';
  }

  /** Looks at the folder; what changed there comes onto the screen. */
  sync(): Promise<void> {
    this.#looking ??= this.#sync().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** Ends a conflict. The other side stays among the versions. */
  async settle(side: ConflictSide): Promise<void> {
    const { comparison, host } = this.#app;
    try {
      await comparison.flush();
      const settled = await host.settlePrompt(comparison.comparison.id, side);
      if (side === 'theirs') comparison.open(settled);
      this.comparing = false;
      this.#app.announce(side === 'theirs' ? 'The file was taken' : 'The file was written');
      await this.sync();
    } catch (error) {
      this.#app.report(error);
    }
  }

  /** Somebody typed while the file was taken in: what they typed stands, and the file is a version. */
  async #keepBoth(theirs: Comparison): Promise<void> {
    const { comparison, host } = this.#app;
    const { name } = await host.nameVersion(theirs, 'Changed outside');
    comparison.touch();
    await comparison.flush();
    this.#app.toast(`${theirs.name} was changed in its file while you typed. That is kept as the version ${name}`);
  }

  async #sync(): Promise<void> {
    const { comparison, host } = this.#app;
    try {
      await comparison.flush();
      const { revision } = comparison;
      this.folder = await host.syncPrompts();
      this.problem = null;
      const { changed } = this.folder;
      if (changed.length === 0) return;
      this.#app.allComparisons = await host.listComparisons();
      if (comparison.isOpen && changed.includes(comparison.comparison.id)) {
        const theirs = await host.openComparison(comparison.comparison.id);
        if (comparison.revision !== revision) return await this.#keepBoth(theirs);
        const lane = comparison.currentLane;
        comparison.open(theirs);
        if (comparison.comparison.lanes.some(({ id }) => id === lane)) comparison.currentLane = lane;
      }
      const first = this.#app.comparisons.find(({ id }) => id === changed[0])?.name ?? '';
      this.#app.toast(
        changed.length === 1
          ? `${first} was changed in its file`
          : `${plural(changed.length, 'prompt')} changed in files`,
      );
    } catch (error) {
      this.problem = describeError(error);
    }
  }
}
