// What was written for the calls of answers: kept with each answer while the app runs, so that running the lane again or
// looking elsewhere loses nothing.

/** What one call of a tool gets back. */
export interface Reply {
  text: string;
  /** An empty text is meant. */
  isEmpty: boolean;
  /** Whether a call that asks first may be made; `null` until that is decided. */
  approves: boolean | null;
  /** Why, in the person's words; may be empty. */
  reason: string;
}

const NOTHING: Reply = { text: '', isEmpty: false, approves: null, reason: '' };

export class ToolReplies {
  /** The answer whose results are being written: its call and its choice. */
  writing: { cell: string; choice: number } | null = $state.raw(null);
  /** Answers whose results are on their way, so that a second press sends nothing twice. */
  sending: string | null = $state(null);
  #replies: Record<string, Reply> = $state({});
  #arguments: Record<string, string> = $state({});
  #added = new Map<string, readonly string[]>();

  reply(cell: string, id: string): Reply {
    return this.#replies[key(cell, id)] ?? NOTHING;
  }

  change(cell: string, id: string, change: Partial<Reply>): void {
    this.#replies[key(cell, id)] = { ...this.reply(cell, id), ...change };
  }

  /** Arguments in the person's words; `null` while they are the model's. `place` is that of the call in its answer. */
  argumentsOf(cell: string, place: string): string | null {
    return this.#arguments[key(cell, place)] ?? null;
  }

  setArguments(cell: string, place: string, text: string | null): void {
    if (text === null) delete this.#arguments[key(cell, place)];
    else this.#arguments[key(cell, place)] = text;
  }

  /** Ids of the messages that the answer and its results became when they were sent last. */
  added(cell: string): readonly string[] {
    return this.#added.get(cell) ?? [];
  }

  setAdded(cell: string, messages: readonly string[]): void {
    this.#added.set(cell, messages);
  }
}

const key = (cell: string, id: string) => `${cell} ${id}`;
