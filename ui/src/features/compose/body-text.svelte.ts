// The request body of one lane as text that can be edited: what the form says, until somebody writes; then what they
// write, applied as soon as it can be read.
import type { AppError } from '../../bindings/AppError';
import type { BodyProblem } from '../../bindings/BodyProblem';
import type { App } from '../../state/app.svelte';
import { forgetUnapplied, keepUnapplied, unapplied } from './unapplied';

/** Quiet time before a text is applied, milliseconds. */
export const APPLY_AFTER = 150;
/** Quiet time before the text follows the form, milliseconds. */
const FOLLOW_AFTER = 60;

export class BodyText {
  /** `null` until the first answer. */
  text: string | null = $state.raw(null);
  problems: BodyProblem[] = $state.raw([]);
  /** The text on screen is not what the lane sends. */
  isUnapplied: boolean = $state(false);
  /** The form was edited since the text was; applying the text takes those edits back. */
  formMoved: boolean = $state(false);
  /** What was typed here last and became the lane's body to the byte, as it does where there is no way into the form. */
  byHand: string | null = $state.raw(null);
  /** Why there is no text. */
  refusal: AppError | null = $state.raw(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A text that waits to be applied. */
  #typed: string | null = null;
  /** The revision of the form that the text agrees with. */
  #agrees = -1;
  /** The revision of the form that an unapplied text was written over. */
  #over = -1;
  #asked = 0;
  #working: Promise<void> | null = null;

  constructor(
    private readonly app: App,
    readonly lane: string,
  ) {
    const kept = unapplied(this.#comparison, lane);
    if (kept === null) return;
    this.text = kept.text;
    this.isUnapplied = true;
    this.#over = kept.revision ?? app.comparison.revision;
    void this.#check(kept.text);
  }

  /** Says what is wrong with a kept text, and applies nothing: the form may have moved on. */
  async #check(text: string): Promise<void> {
    const { comparison, host } = this.app;
    try {
      const { problems } = await host.applyBody(comparison.snapshot(), this.lane, text);
      if (this.text === text) this.problems = problems;
    } catch (error) {
      this.app.report(error);
    }
  }

  get #comparison(): string {
    return this.app.comparison.comparison.id;
  }

  /** Call when the form may have changed. */
  follow(): void {
    const { revision } = this.app.comparison;
    this.formMoved = this.isUnapplied && revision !== this.#over;
    if (this.isUnapplied || this.#typed !== null || revision === this.#agrees) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), this.text === null ? 0 : FOLLOW_AFTER);
  }

  async #read(): Promise<void> {
    const { comparison, host } = this.app;
    const { revision } = comparison;
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const text = await host.laneBody(comparison.snapshot(), this.lane);
      if (asked !== this.#asked || this.#typed !== null) return;
      this.text = text;
      this.refusal = null;
      this.#agrees = revision;
      const { problems } = await host.applyBody(comparison.snapshot(), this.lane, text);
      if (asked === this.#asked && this.#typed === null) this.problems = problems;
    } catch (error) {
      if (asked === this.#asked) this.refusal = error as AppError;
    }
  }

  /** Takes what was typed, and applies it after a moment. */
  type(text: string): void {
    if (!this.isUnapplied) this.#over = this.app.comparison.revision;
    this.text = text;
    this.#typed = text;
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.apply(), APPLY_AFTER);
  }

  /** Applies what was typed and waits for it; with an error in it the form keeps what it has. */
  apply(): Promise<void> {
    clearTimeout(this.#timer);
    this.#typed ??= this.text;
    this.#working = (this.#working ?? Promise.resolve()).then(() => this.#apply());
    return this.#working;
  }

  async #apply(): Promise<void> {
    const { comparison, host } = this.app;
    while (this.#typed !== null) {
      const text = this.#typed;
      const { id } = comparison.comparison;
      const { revision } = comparison;
      // Kept before the answer: the window may close in between.
      keepUnapplied(id, this.lane, text, this.#over);
      try {
        const edit = await host.applyBody(comparison.snapshot(), this.lane, text);
        if (comparison.comparison.id !== id) return;
        // The form or the text has moved on in the meantime.
        if (this.#typed !== text || comparison.revision !== revision) continue;
        this.#typed = null;
        this.problems = edit.problems;
        this.isUnapplied = edit.comparison === null;
        if (edit.comparison) {
          this.byHand = edit.comparison.lanes.find((lane) => lane.id === this.lane)?.rawBody ?? null;
          comparison.takeBody(edit.comparison);
          this.#agrees = comparison.revision;
          this.formMoved = false;
          forgetUnapplied(id, this.lane);
        }
      } catch (error) {
        this.#typed = null;
        this.isUnapplied = true;
        this.app.report(error);
      }
    }
  }

  /** Gives the text up and shows what the form says. */
  discard(): void {
    forgetUnapplied(this.#comparison, this.lane);
    this.#typed = null;
    this.isUnapplied = false;
    this.formMoved = false;
    this.problems = [];
    this.#agrees = -1;
    this.follow();
  }

  /** Call when the text goes from the screen. What was typed is applied all the same. */
  leave(): void {
    clearTimeout(this.#timer);
    if (this.#typed !== null) void this.apply();
  }
}

/** `line 4, column 9`, from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
