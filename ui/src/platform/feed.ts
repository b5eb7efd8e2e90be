/**
 * A host for measuring: lanes that stream prepared text at a chosen pace, from a worker, in the same batches as the
 * engine's. `?bench&lanes=4&rate=1000&tokens=20000`, or `&url=` for a server to read from.
 */
import type { Batch } from '../bindings/Batch';
import type { Bootstrap } from '../bindings/Bootstrap';
import type { Cell } from '../bindings/Cell';
import type { Comparison } from '../bindings/Comparison';
import type { Run } from '../bindings/Run';
import type { FeedMessage, FeedNews } from './feed-worker';
import { MemoryHost } from './memory';
import { emptyCell } from './memory/run';

export interface FeedSettings {
  lanes: number;
  rate: number;
  tokens: number;
  url: string | null;
}

export function feedSettings(query: URLSearchParams): FeedSettings {
  const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
  return {
    lanes: number('lanes', 4),
    rate: number('rate', 1000),
    tokens: number('tokens', 20_000),
    url: query.get('url'),
  };
}

export class FeedHost extends MemoryHost {
  /** Times of the page's clock. */
  firstByteAt = 0;
  lastByteAt = 0;
  /** Characters that were fed in all. */
  characters = 0;
  #worker = new Worker(new URL('./feed-worker.ts', import.meta.url), { type: 'module' });
  #deliver: (batch: Batch) => void = () => {};
  #cells = new Map<string, Cell>();
  #number = 0;

  constructor(readonly feed: FeedSettings) {
    super();
    this.#worker.onmessage = ({ data }: MessageEvent<FeedNews>) => this.#news(data);
  }

  override async bootstrap(): Promise<Bootstrap> {
    const boot = await super.bootstrap();
    if (!boot.open) throw new Error('the memory host opens with a comparison');
    const [lane] = boot.open.lanes;
    const lanes = Array.from({ length: this.feed.lanes }, (_, index) => ({
      ...lane!,
      id: `lane-${index}`,
      overrides: [],
    }));
    return {
      ...boot,
      runs: [],
      open: { ...boot.open, lanes, draft: { ...boot.open.draft, variables: boot.open.draft.variables } },
    };
  }

  override async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    this.#deliver = onBatch;
  }

  override async acknowledge(number?: number): Promise<void> {
    this.#send({ kind: 'acknowledge', number: number ?? 0 });
  }

  override async startRun(comparison: Comparison): Promise<Run> {
    const id = 'fed-run';
    const connection =
      this.connections.find((one) => one.id === comparison.lanes[0]!.connection) ?? this.connections[0]!;
    const cells = comparison.lanes.map((_, index) => {
      const cell = emptyCell(`cell-${index}`, id, comparison, index, 0, connection);
      return { ...cell, state: { kind: 'streaming' as const }, startedAt: Date.now() };
    });
    for (const cell of cells) this.#cells.set(cell.id, cell);
    const { rate, tokens, url } = this.feed;
    // After the answer, as a network would.
    setTimeout(
      () => this.#send({ kind: 'start', cells: cells.map((cell) => ({ id: cell.id, run: id })), rate, tokens, url }),
      30,
    );
    const summary = {
      id,
      comparison: comparison.id,
      name: comparison.name,
      startedAt: Date.now(),
      lanes: cells.length,
      endpoint: comparison.lanes[0]?.endpoint ?? 'chat',
      cells: cells.length,
      finished: 0,
      unfinished: 0,
      live: true,
      starred: false,
      note: '',
    };
    return { summary, snapshot: comparison, cells };
  }

  #send(message: FeedMessage): void {
    this.#worker.postMessage(message);
  }

  #news(news: FeedNews): void {
    if (news.kind === 'batch') {
      const batch = JSON.parse(news.json) as Batch;
      this.#number = batch.number;
      this.#deliver(batch);
    } else if (news.kind === 'first') this.firstByteAt = news.at - performance.timeOrigin;
    else {
      this.lastByteAt = news.at - performance.timeOrigin;
      this.#number += 1;
      const updates = news.cells.map((end) => {
        this.characters += end.characters;
        const cell = this.#cells.get(end.id)!;
        const milestones = { ...cell.milestones, end: end.took };
        const cellHead: Cell = {
          ...cell,
          state: { kind: 'finished' },
          milestones,
          outcome: { ...cell.outcome, events: end.events },
        };
        return { cell: end.id, run: cell.run, sequence: end.sequence + 1, cellHead };
      });
      this.#deliver({ number: this.#number, updates });
    }
  }
}
