// What is known of one answer against its schema: asked for while text comes, and once at its end.
import { untrack } from 'svelte';
import type { SchemaCheck } from '../../bindings/SchemaCheck';
import type { App } from '../../state/app.svelte';
import { laneName } from '../../state/runs/announcements';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { verdict } from './words';

/** Milliseconds between two questions about an answer that grows. */
const PAUSE = 200;

export class SchemaWatch {
  check: SchemaCheck | null = $state.raw(null);
  #asked = -1;
  #underWay = false;
  #over: boolean;
  #grew: boolean;
  #stopped = false;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly app: App,
    private readonly cell: LiveCell,
    private readonly choice: number,
    growing: boolean,
  ) {
    this.#over = !growing;
    this.#grew = growing;
  }

  /** Watches until the function that it returns is called. */
  start(): () => void {
    const stop = this.cell.onFlush(() => this.#ask());
    this.#ask();
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
      stop();
    };
  }

  /** Whether more text may come. */
  set growing(growing: boolean) {
    if (growing !== this.#over) return;
    this.#grew ||= growing;
    this.#over = !growing;
    // The end is worth a question, even when no text came with it.
    this.#asked = -1;
    untrack(() => this.#ask());
  }

  get #length(): number {
    return this.cell.choices.get(this.choice)?.text.length ?? 0;
  }

  #ask(): void {
    if (this.#underWay || this.#stopped || this.#length === this.#asked) return;
    clearTimeout(this.#timer);
    const wait = this.#over ? 0 : this.#next - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#ask(), wait);
      return;
    }
    void this.#look();
  }

  async #look(): Promise<void> {
    const over = this.#over;
    this.#underWay = true;
    this.#asked = this.#length;
    this.#next = performance.now() + PAUSE;
    let check: SchemaCheck | null = null;
    try {
      check = await this.app.host.schemaCheck(this.cell.id, this.choice);
    } catch (error) {
      this.app.report(error);
    }
    this.#underWay = false;
    if (this.#stopped) return;
    if (check) this.check = check;
    if (over && check && check.state.kind !== 'growing' && this.#grew) {
      this.#grew = false;
      this.app.announce(`${laneName(this.cell.head)}: ${verdict(check)}`);
    }
    if (!over || this.#asked < 0) this.#ask();
  }
}
