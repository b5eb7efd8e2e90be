// What the calls of answers get back before it is sent: written by hand, or given by the rules of the plan. Kept with each
// answer while the app runs, so that running the lane again or looking elsewhere loses nothing.
import type { AppError } from '../bindings/AppError';
import type { Comparison } from '../bindings/Comparison';
import type { ToolOrigin } from '../bindings/ToolOrigin';
import type { ToolResult } from '../bindings/ToolResult';
import type { Host } from '../platform/host';
import type { LiveCell } from './runs/live-cell.svelte';

/** What one call of a tool gets back. */
export interface Reply {
  text: string;
  /** An empty text is meant. */
  isEmpty: boolean;
  /** Whether a call that asks first may be made; `null` until that is decided. */
  approves: boolean | null;
  /** Why, in the person's words; may be empty. */
  reason: string;
  /** Fields of the form of an output that is no text, by their names. */
  fields: Readonly<Record<string, string>>;
  /** The JSON of a whole item that was given; `null` when the fields say it. */
  item: string | null;
  origin: ToolOrigin;
  /** Milliseconds that a server took. */
  elapsedMs: number | null;
  isAsking: boolean;
  /** Why a server gave nothing. */
  error: AppError | null;
}

const NOTHING: Reply = {
  text: '',
  isEmpty: false,
  approves: null,
  reason: '',
  fields: {},
  item: null,
  origin: { kind: 'hand' },
  elapsedMs: null,
  isAsking: false,
  error: null,
};

interface RepliesFacts {
  readonly host: Host;
  readonly runs: { snapshotOf(run: string): Comparison | null };
  announce(text: string): void;
  report(error: unknown): void;
}

export class ToolReplies {
  /** The answer whose results are being written: its call and its choice. */
  writing: { cell: string; choice: number } | null = $state.raw(null);
  /** Answers whose results are on their way, so that a second press sends nothing twice. */
  sending: string | null = $state(null);
  #replies: Readonly<Record<string, Reply>> = $state.raw({});
  #arguments: Record<string, string | null> = $state({});
  /** Answers that went on, and whose results are written anew. */
  #reopened: Record<string, true> = $state({});
  #filling: Record<string, true> = $state({});
  /** Ids that the rules were asked about and gave something for, by call. */
  #fitted: Record<string, readonly string[]> = $state.raw({});

  constructor(private readonly facts: RepliesFacts) {}

  /** What is written here, else what the engine keeps with the answer. */
  reply(cell: LiveCell, id: string): Reply {
    const written = this.#replies[key(cell.id, id)];
    if (written) return written;
    const kept = cell.head.results.find((result) => result.id === id);
    return kept ? replyOf(kept) : NOTHING;
  }

  /** A change by the person. */
  change(cell: LiveCell, id: string, change: Partial<Reply>): void {
    const byHand: Partial<Reply> = { origin: { kind: 'hand' }, elapsedMs: null, isAsking: false, error: null };
    this.#set(cell, id, { ...this.reply(cell, id), ...byHand, ...change });
  }

  setField(cell: LiveCell, id: string, name: string, value: string): void {
    this.change(cell, id, { item: null, fields: { ...this.reply(cell, id).fields, [name]: value } });
  }

  /** Arguments in the person's words; `null` while they are the model's. */
  argumentsOf(cell: LiveCell, choice: number, call: number): string | null {
    const written = this.#arguments[key(cell.id, `${choice}.${call}`)];
    if (written !== undefined) return written;
    return cell.head.arguments.find((one) => one.choice === choice && one.call === call)?.text ?? null;
  }

  /** `null` gives the model its own words back. */
  setArguments(cell: LiveCell, choice: number, call: number, text: string | null): void {
    this.#arguments[key(cell.id, `${choice}.${call}`)] = text;
  }

  isReopened(cell: LiveCell): boolean {
    return this.#reopened[cell.id] ?? false;
  }

  setReopened(cell: LiveCell, open: boolean): void {
    if (open) this.#reopened[cell.id] = true;
    else delete this.#reopened[cell.id];
  }

  // ---- rules

  /** The rules are being asked, which may take as long as a tool does. */
  isFilling(cell: LiveCell): boolean {
    return this.#filling[cell.id] ?? false;
  }

  /** Ids that rules gave something for; `null` when they were not asked. */
  fitted(cell: LiveCell): readonly string[] | null {
    return this.#fitted[cell.id] ?? null;
  }

  /** An answer is over: where the person steps through the dialogue, the rules fill in what they can. */
  answered(cell: LiveCell): void {
    const plan = this.facts.runs.snapshotOf(cell.head.run)?.draft.toolPlan;
    if (!plan || plan.mode !== 'step' || plan.rules.length === 0) return;
    if (cell.settled !== 'finished' && cell.settled !== 'endedEarly') return;
    const calling = cell.inOrder.find(({ toolCalls }) => toolCalls.length > 0);
    if (calling) void this.fill(cell, cell.hasItems ? 0 : calling.index);
  }

  /** Fills in what the rules give; what was written by hand stays. `only` are the ids that are asked again. */
  async fill(cell: LiveCell, choice: number, only: readonly string[] | null = null): Promise<void> {
    if (this.isFilling(cell)) return;
    this.#filling[cell.id] = true;
    try {
      const results = await this.facts.host.suggestResults(cell.id, choice);
      this.#fitted = { ...this.#fitted, [cell.id]: results.map(({ id }) => id) };
      const taken = results.filter(({ id }) => (only ? only.includes(id) : !this.#isByHand(cell, id)));
      for (const result of taken) this.#set(cell, result.id, replyOf(result));
      const filled = taken.filter(({ state }) => state.kind === 'given').length;
      if (filled > 0) this.facts.announce(`${filled} ${filled === 1 ? 'result' : 'results'} filled from rules`);
    } catch (error) {
      this.facts.report(error);
    } finally {
      delete this.#filling[cell.id];
    }
  }

  #set(cell: LiveCell, id: string, reply: Reply): void {
    this.#replies = { ...this.#replies, [key(cell.id, id)]: reply };
  }

  #isByHand(cell: LiveCell, id: string): boolean {
    const { origin, text, isEmpty, approves, fields } = this.reply(cell, id);
    const isWritten = text !== '' || isEmpty || approves !== null || Object.values(fields).some((one) => one !== '');
    return origin.kind === 'hand' && isWritten;
  }
}

const key = (cell: string, id: string) => `${cell} ${id}`;

function replyOf({ origin, state, elapsedMs }: ToolResult): Reply {
  const reply = { ...NOTHING, origin, elapsedMs };
  if (state.kind === 'asking') return { ...reply, isAsking: true };
  if (state.kind === 'failed') return { ...reply, error: state.error };
  const { reply: said } = state;
  switch (said.kind) {
    case 'output':
      return { ...reply, text: said.text, isEmpty: said.text === '' };
    case 'approval':
      return { ...reply, approves: said.approve, reason: said.reason };
    case 'item':
      return { ...reply, item: said.json };
  }
}
