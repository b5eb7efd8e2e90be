// A list of what goes on by itself, as batches and matrices do: read once and kept true by what is told, with the one
// that is open, what is under way for it, and what is asked before something is done to it.
import { describeError } from '../lib/app-error';
import { freeName } from '../lib/free-name';
import type { App, Section } from './app.svelte';

/** A question with one answer that does something. */
export interface Question {
  title: string;
  text: string;
  answer: string;
  run: () => Promise<void>;
}

/** The least time between two looks at what belongs to one that goes on. */
const REFRESH_AFTER = 1_000;

export abstract class WatchedList<
  One extends { id: string; madeAt: number },
  Work extends string,
  Place extends string,
> {
  all: One[] = $state.raw([]);
  isRead = $state(false);
  /** Why they cannot be read. */
  problem: string | null = $state(null);
  find = $state('');
  currentId: string | null = $state(null);
  /** The half that is seen where there is room for one. */
  half: 'list' | 'pane' = $state('list');
  /** What is under way for the one that is open. */
  busy: Work | null = $state(null);
  question: Question | null = $state.raw(null);
  isAsking = $state(false);
  /** What has to have the focus as soon as it is there. */
  wanted: Place | null = $state(null);
  #isListening = false;
  #refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly app: App,
    private readonly section: Section,
  ) {}

  protected abstract watch(): Promise<void>;
  protected abstract read(): Promise<One[]>;
  protected abstract nameOf(one: One): string;
  /** Where the words of a search are looked for. */
  protected abstract textsOf(one: One): readonly string[];
  abstract select(id: string): void;
  /** Nothing is open any more. */
  protected abstract close(): void;
  /** Reads anew what belongs to the one that is open. */
  protected abstract readAgain(): void;

  protected fits(_one: One): boolean {
    return true;
  }

  /** Newest first. */
  readonly sorted: One[] = $derived([...this.all].sort((a, b) => b.madeAt - a.madeAt));

  readonly shown: One[] = $derived.by(() => {
    const wanted = this.find.trim().toLowerCase();
    return this.sorted.filter(
      (one) =>
        this.fits(one) && (wanted === '' || this.textsOf(one).some((text) => text.toLowerCase().includes(wanted))),
    );
  });

  readonly current: One | null = $derived(this.all.find(({ id }) => id === this.currentId) ?? null);

  // ---- reading

  /** Reads the list and listens from then on. Asked again, it does so only where it failed before. */
  async listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    try {
      await this.watch();
      const read = await this.read();
      // What was told since then is newer.
      const told = new Map(this.all.map((one) => [one.id, one]));
      this.all = read.map((one) => told.get(one.id) ?? one);
      this.problem = null;
      this.isRead = true;
      const first = this.shown[0];
      if (this.current === null && first) this.select(first.id);
    } catch (error) {
      this.#isListening = false;
      this.problem = describeError(error);
    }
  }

  /** Puts one where it was before, or in front. Returns what it was. */
  protected put(one: One): One | null {
    const before = this.all.find(({ id }) => id === one.id) ?? null;
    this.all = before ? this.all.map((other) => (other === before ? one : other)) : [one, ...this.all];
    return before;
  }

  protected readSoon(): void {
    if (this.#refresh !== undefined) return;
    this.#refresh = setTimeout(() => {
      this.#refresh = undefined;
      this.readAgain();
    }, REFRESH_AFTER);
  }

  /** One is gone. If it was open, the one that takes its place is opened. */
  protected forgotten(id: string): void {
    const at = this.shown.findIndex((one) => one.id === id);
    this.all = this.all.filter((one) => one.id !== id);
    if (id !== this.currentId) return;
    this.close();
    const next = this.shown[Math.max(0, Math.min(at, this.shown.length - 1))];
    if (next) this.select(next.id);
    else this.currentId = null;
  }

  /** Says how one ended, on screen too where another section is open. */
  protected tellEnd(words: string, { id }: One, tone: 'info' | 'warn'): void {
    this.app.announce(words);
    if (this.app.section === this.section) return;
    this.app.toast(words, { tone, action: { label: 'Show', run: () => this.show(id) } });
  }

  // ---- choosing

  /** Opens the section at one. */
  show(id: string): void {
    this.app.openSection(this.section);
    this.select(id);
    this.half = 'pane';
  }

  /** Whether this is what has to have the focus; true once. */
  takes(place: Place): boolean {
    if (this.wanted !== place) return false;
    this.wanted = null;
    return true;
  }

  connectionName(id: string): string {
    return this.app.connections.find((connection) => connection.id === id)?.name ?? 'A connection that is gone';
  }

  protected freeName(name: string): string {
    return freeName(
      name,
      this.all.map((one) => this.nameOf(one)),
    );
  }

  // ---- doing

  /** Does one thing at a time, and reports what goes wrong. */
  protected async run(what: Work, work: () => Promise<void>): Promise<void> {
    if (this.busy !== null) return;
    this.busy = what;
    try {
      await work();
    } catch (error) {
      this.app.report(error);
    } finally {
      this.busy = null;
    }
  }

  ask(question: Question): void {
    this.question = question;
  }

  async answer(): Promise<void> {
    const { question } = this;
    if (!question) return;
    this.isAsking = true;
    try {
      await question.run();
    } catch (error) {
      this.app.report(error);
    } finally {
      this.isAsking = false;
      this.question = null;
    }
  }
}
