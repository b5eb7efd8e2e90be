import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { CellState } from '../../bindings/CellState';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { Choice } from '../../bindings/Choice';
import type { OutputItem } from '../../bindings/OutputItem';
import { Arrivals } from './arrivals';
import { ChunkedText } from './chunked-text';

export interface LiveToolCall {
  id: string | null;
  name: string;
  kind: string;
  arguments: ChunkedText;
}

export interface LiveChoice {
  index: number;
  text: ChunkedText;
  reasoning: ChunkedText;
  refusal: ChunkedText;
  toolCalls: LiveToolCall[];
  /** The newest whole item, when the choice is one of a response. */
  item: OutputItem | null;
}

/**
 * One call on screen.
 *
 * `head` says how it stands and changes a few times; texts and arrivals grow with every frame and are kept outside of
 * framework state. Who draws them listens to `onFlush`, which is called at most once a frame.
 */
export class LiveCell {
  readonly id: string;
  /** Its texts and arrivals are not kept up; see `choices` and `arrivals`. */
  head: Cell = $state.raw()!;
  /** Changes when a choice or a part of one appears, so that components make room for it. */
  shape = $state(0);
  /** Changes when a new try began from nothing. */
  generation = $state(0);
  readonly choices = new Map<number, LiveChoice>();
  readonly arrivals = new Arrivals();
  /** Number of the last update taken in. */
  sequence: number;
  /** When `head` came, by the clock of the page: countdowns and clocks start here. */
  headAt = performance.now();
  /** When this page first saw the cell under way, by the clock of the page. */
  beganAt: number | null = null;
  #listeners = new Set<() => void>();
  #settled: CellState['kind'] = 'finished';

  constructor(cell: Cell, sequence = 0) {
    this.id = cell.id;
    this.sequence = sequence;
    this.restore(cell, sequence);
  }

  get isLive(): boolean {
    return isLive(this.head);
  }

  get isReplaying(): boolean {
    return this.head.state.kind === 'replaying';
  }

  /** A tool on this machine was asked and has not answered yet. */
  get isAsking(): boolean {
    return isAsking(this.head);
  }

  /** More text may come, from the server or from the recording. */
  get isGrowing(): boolean {
    return this.isLive || this.isReplaying;
  }

  /** How the call stands, whether its recording plays or not. */
  get settled(): CellState['kind'] {
    const kind = this.head.state.kind;
    return kind === 'replaying' ? this.#settled : kind;
  }

  /** Milliseconds since the call began: measured when it is over, by the clock until then. */
  elapsed(now = performance.now()): number | null {
    const { state } = this.head;
    if (state.kind === 'replaying') return this.#replayed(state, now);
    if (!this.isLive) return this.head.milestones.end ?? this.arrivals.last ?? null;
    return this.beganAt === null ? null : now - this.beganAt;
  }

  choice(index: number): LiveChoice {
    let choice = this.choices.get(index);
    if (!choice) {
      choice = {
        index,
        text: new ChunkedText(),
        reasoning: new ChunkedText(),
        refusal: new ChunkedText(),
        toolCalls: [],
        item: null,
      };
      this.choices.set(index, choice);
      this.shape += 1;
    }
    return choice;
  }

  /** Choices in the order of their index. */
  get inOrder(): LiveChoice[] {
    return [...this.choices.values()].sort((a, b) => a.index - b.index);
  }

  /** The answer is output items, which belong together, and not alternatives. */
  get hasItems(): boolean {
    for (const { item } of this.choices.values()) if (item) return true;
    return false;
  }

  /** Whether there is anything in what `answer` gives, without putting it together. */
  says(index = 0): boolean {
    if (!this.hasItems) return (this.choices.get(index)?.text.length ?? 0) > 0;
    return this.inOrder.some((choice) => choice.text.length > 0 || choice.item?.type === VALUE);
  }

  /** What the answer says: all its items together, or the choice that is asked for. */
  answer(index = 0): string {
    if (!this.hasItems) return this.choices.get(index)?.text.toString() ?? '';
    const texts = this.inOrder.map(saying).filter((text) => text !== '');
    return texts.join('\n\n');
  }

  onFlush(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  flush(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Takes in the next update; the caller has checked that it is the next. */
  apply(update: CellUpdate): void {
    this.sequence = update.sequence;
    for (const append of update.appends ?? []) this.#append(append);
    if (update.arrivals) this.arrivals.append(update.arrivals);
    if (update.cellHead) this.#setHead(update.cellHead);
  }

  /** Starts over from the whole cell. */
  restore(cell: Cell, sequence: number): void {
    this.sequence = sequence;
    this.#clear();
    for (const choice of cell.outcome.choices) this.#fill(choice);
    this.arrivals.append(cell.arrivals);
    // The texts are kept once, in `choices`.
    const choices = cell.outcome.choices.map((choice) => ({
      ...choice,
      text: '',
      reasoning: '',
      refusal: '',
      toolCalls: [],
      item: null,
    }));
    this.#setHead({ ...cell, outcome: { ...cell.outcome, choices }, arrivals: [] });
    this.generation += 1;
    this.shape += 1;
  }

  /** Where the recording is. What moves by itself between two events is left out when motion is not wanted. */
  #replayed(state: CellState & { kind: 'replaying' }, now: number): number {
    if (state.paused || state.pace.kind !== 'times') return Math.max(state.position, this.arrivals.last ?? 0);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.arrivals.last ?? state.position;
    return Math.min(state.length, state.position + (now - this.headAt) * state.pace.factor);
  }

  #setHead(head: Cell): void {
    // Batches leave the request out: it is large and stays what it was when the run began.
    this.head = head.request || !this.head?.request ? head : { ...head, request: this.head.request };
    if (head.state.kind !== 'replaying') this.#settled = head.state.kind;
    this.headAt = performance.now();
    const underWay = head.state.kind === 'waiting' || head.state.kind === 'streaming';
    if (head.state.kind === 'retrying' || head.state.kind === 'queued') this.beganAt = null;
    else if (underWay && this.beganAt === null) {
      const age = head.startedAt === null ? 0 : Math.max(0, Date.now() - head.startedAt);
      // Tries of one cell share its start; the clock is that of the present try.
      this.beganAt = performance.now() - (head.attempt > 1 ? 0 : age);
    }
  }

  #fill(from: Choice): void {
    const choice = this.choice(from.index);
    choice.text.append(from.text);
    choice.reasoning.append(from.reasoning);
    choice.refusal.append(from.refusal);
    choice.item = from.item;
    for (const call of from.toolCalls) {
      choice.toolCalls.push({
        id: call.id,
        name: call.name,
        kind: call.kind,
        arguments: new ChunkedText(call.arguments),
      });
    }
  }

  #clear(): void {
    this.choices.clear();
    this.arrivals.clear();
  }

  #append(append: Append): void {
    if (append.kind === 'restart') {
      this.#clear();
      this.generation += 1;
      this.shape += 1;
      return;
    }
    const choice = this.choice(append.choice);
    if (append.kind === 'item') {
      choice.item = append.item;
      this.shape += 1;
      return;
    }
    if (append.kind === 'toolCall') {
      while (choice.toolCalls.length <= append.call) {
        choice.toolCalls.push({ id: null, name: '', kind: 'function', arguments: new ChunkedText() });
        this.shape += 1;
      }
      const call = choice.toolCalls[append.call]!;
      if (append.id) call.id = append.id;
      if (append.toolKind) call.kind = append.toolKind;
      if (append.name) {
        call.name = append.name;
        this.shape += 1;
      }
      call.arguments.append(append.arguments);
      return;
    }
    const part = choice[append.kind];
    if (part.length === 0) this.shape += 1;
    part.append(append.text);
  }
}

/** The text of an item, or the JSON that it is. */
function saying({ text, item }: LiveChoice): string {
  return text.length === 0 && item?.type === VALUE ? item.json : text.toString();
}

/** The type of an answer that is a JSON value by itself. */
export const VALUE = 'value';

export function isLive(cell: Cell): boolean {
  const kind = cell.state.kind;
  return kind === 'queued' || kind === 'waiting' || kind === 'streaming' || kind === 'retrying';
}

export function isAsking(cell: Cell): boolean {
  return cell.results.some(({ state }) => state.kind === 'asking');
}
