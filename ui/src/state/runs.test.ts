import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Append } from '../bindings/Append';
import type { Batch } from '../bindings/Batch';
import type { Cell } from '../bindings/Cell';
import type { CellUpdate } from '../bindings/CellUpdate';
import type { Run } from '../bindings/Run';
import { MemoryHost } from '../platform/memory';
import { App } from './app.svelte';
import { painter } from './runs/painter';

/** A host whose runs say only what a test says. */
class QuietHost extends MemoryHost {
  deliver: (batch: Batch) => void = () => {};
  acknowledged: number[] = [];
  snapshots = new Map<string, { cell: Cell; sequence: number }>();
  asked: string[] = [];
  lastRun: Run | null = null;
  beforeAnswer: ((run: Run) => void) | null = null;

  override async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    this.deliver = onBatch;
  }
  override async acknowledge(number?: number): Promise<void> {
    this.acknowledged.push(number!);
  }
  override async startRun(...[comparison, lanes]: Parameters<MemoryHost['startRun']>): Promise<Run> {
    const run = await super.startRun(comparison, lanes);
    await this.stopRun(run.summary.id);
    for (const cell of run.cells) cell.state = { kind: 'queued' };
    this.lastRun = run;
    this.beforeAnswer?.(run);
    return run;
  }
  override async openCell(id: string) {
    this.asked.push(id);
    const snapshot = this.snapshots.get(id);
    if (!snapshot) throw { kind: 'notFound', what: 'cell' };
    return structuredClone(snapshot);
  }
}

const text = (words: string, choice = 0): Append => ({ kind: 'text', choice, text: words });

let host: QuietHost;
let app: App;
let cell: Cell;
let number: number;

function send(...updates: Partial<CellUpdate>[]): void {
  number += 1;
  host.deliver({
    number,
    updates: updates.map((update) => ({ cell: cell.id, run: cell.run, sequence: 0, ...update })),
  });
}

beforeEach(async () => {
  number = 0;
  host = new QuietHost();
  app = new App(host);
  await app.start();
  for (const name of app.comparison.missingVariables) app.comparison.setVariable(name, 'x');
  await app.runs.start();
  cell = host.lastRun!.cells[0]!;
});

const shown = () => app.runs.cellOfLane(cell.lane)!;

describe('batches', () => {
  it('are taken in together in one frame, in order, and acknowledged once with the newest number', async () => {
    send({ sequence: 1, appends: [text('Hel')] });
    send({ sequence: 2, appends: [text('lo ')], arrivals: [1, 2] }, { sequence: 3, appends: [text('there')] });
    expect(shown().answer(), 'nothing is drawn before the frame').toBe('');
    painter.paint();
    expect(shown().answer()).toBe('Hello there');
    await vi.waitFor(() => expect(host.acknowledged).toEqual([2]));
  });

  it('flush a cell once a frame, however many updates it had', () => {
    const flushed = vi.fn();
    shown().onFlush(flushed);
    for (let sequence = 1; sequence <= 20; sequence += 1) send({ sequence, appends: [text('a')] });
    painter.paint();
    expect(flushed).toHaveBeenCalledTimes(1);
  });

  it('that come a second time change nothing', () => {
    send({ sequence: 1, appends: [text('once')] });
    send({ sequence: 1, appends: [text('once')] });
    painter.paint();
    expect(shown().answer()).toBe('once');
  });

  it('join a surrogate pair that was cut between two of them', () => {
    send({ sequence: 1, appends: [text('a\ud83d')] });
    send({ sequence: 2, appends: [text('\ude00b')] });
    painter.paint();
    expect(shown().answer()).toBe('a😀b');
  });

  it('leave texts alone when a head without texts comes', () => {
    send({ sequence: 1, appends: [text('kept')], arrivals: [5] });
    send({
      sequence: 2,
      cellHead: { ...cell, state: { kind: 'streaming' }, outcome: { ...cell.outcome, choices: [] }, arrivals: [] },
    });
    painter.paint();
    expect(shown().answer()).toBe('kept');
    expect(shown().arrivals.length).toBe(1);
    expect(shown().head.state.kind).toBe('streaming');
  });

  it('leave the request alone when a head without it comes', () => {
    const request = {
      method: 'POST',
      url: 'u',
      headers: [],
      body: '{}',
      bodyBytes: 2,
      keys: [],
      warnings: [],
      absent: [],
      carried: [],
      parts: [],
    };
    send({ sequence: 1, cellHead: { ...cell, state: { kind: 'waiting' }, request } });
    send({ sequence: 2, cellHead: { ...cell, state: { kind: 'streaming' }, request: null } });
    painter.paint();
    expect(shown().head.state.kind).toBe('streaming');
    expect(shown().head.request).toBe(request);
  });

  it('keep parts and choices apart, and put tool calls together', () => {
    const call = (index: number, name: string | null, part: string): Append => ({
      kind: 'toolCall',
      choice: 1,
      call: index,
      id: name && `id-${name}`,
      name,
      toolKind: null,
      arguments: part,
    });
    send({
      sequence: 1,
      appends: [
        { kind: 'reasoning', choice: 0, text: 'hm' },
        text('zero'),
        text('one', 1),
        { kind: 'refusal', choice: 1, text: 'no' },
      ],
    });
    send({ sequence: 2, appends: [call(1, 'second', '{"b"'), call(0, 'first', '{}'), call(1, null, ':1}')] });
    painter.paint();
    const [zero, one] = [shown().choices.get(0)!, shown().choices.get(1)!];
    expect([String(zero.reasoning), String(zero.text), String(one.text), String(one.refusal)]).toEqual([
      'hm',
      'zero',
      'one',
      'no',
    ]);
    expect(one.toolCalls.map((each) => [each.id, each.name, String(each.arguments)])).toEqual([
      ['id-first', 'first', '{}'],
      ['id-second', 'second', '{"b":1}'],
    ]);
  });

  it('begin anew after a restart', () => {
    const before = shown().generation;
    send({ sequence: 1, appends: [text('first try')], arrivals: [1] });
    send({ sequence: 2, appends: [{ kind: 'restart' }, text('second')], arrivals: [9] });
    painter.paint();
    expect(shown().answer()).toBe('second');
    expect(shown().arrivals.first, 'arrivals of the update belong to the new try').toBe(9);
    expect(shown().generation).toBeGreaterThan(before);
  });

  it('with a gap make the page ask for the cell and fit later updates on', async () => {
    const whole = structuredClone(cell);
    whole.state = { kind: 'streaming' };
    whole.outcome.choices = [
      {
        index: 0,
        text: 'abc',
        reasoning: '',
        refusal: '',
        toolCalls: [],
        finishReason: null,
        annotations: null,
        item: null,
        textDeltas: 3,
        reasoningDeltas: 0,
        audio: null,
      },
    ];
    host.snapshots.set(cell.id, { cell: whole, sequence: 4 });
    send({ sequence: 1, appends: [text('a')] });
    send({ sequence: 3, appends: [text('c')] });
    painter.paint();
    send({ sequence: 4, appends: [] }, { sequence: 5, appends: [text('d')] });
    painter.paint();
    expect(shown().answer(), 'nothing is added over a hole').toBe('a');
    await vi.waitFor(() => expect(shown().answer()).toBe('abcd'));
    send({ sequence: 6, appends: [text('e')] });
    painter.paint();
    expect(shown().answer()).toBe('abcde');
    expect(host.asked).toEqual([cell.id]);
  });

  it('that overtake the answer of the start are not lost', async () => {
    host.beforeAnswer = (run) => {
      cell = run.cells[0]!;
      send({ sequence: 1, appends: [text('early')] });
      painter.paint();
    };
    await app.runs.start();
    painter.paint();
    expect(shown().answer()).toBe('early');
  });
});

describe('runs', () => {
  it('leave the answers of other lanes alone when one lane runs again', async () => {
    send({ sequence: 1, appends: [text('first')] });
    painter.paint();
    const other = app.comparison.comparison.lanes[1]!.id;
    await app.runs.start([other]);
    expect(shown().answer()).toBe('first');
    expect(app.runs.cellOfLane(other)!.head.run).toBe(app.runs.shown);
  });

  it('announce a start and an end for each lane, and nothing between', () => {
    const spoken: string[] = [];
    app.announce = (words) => void spoken.push(words);
    send({ sequence: 1, cellHead: { ...cell, state: { kind: 'streaming' } } });
    send({ sequence: 2, appends: [text('a b c')] });
    send({
      sequence: 3,
      cellHead: { ...cell, state: { kind: 'finished' }, metrics: { ...cell.metrics, visibleTokens: 86 } },
    });
    painter.paint();
    expect(spoken).toEqual(['Lane A finished, 86 tokens']);
  });

  it('lead to the control that a 422 names, unless the person types', () => {
    const focused = vi.spyOn(app.comparison, 'focusParameter');
    const fields = [
      {
        path: ['body', 'temperature'],
        message: 'Input should be less than or equal to 2',
        parameter: 'temperature',
        input: '2.4',
      },
    ];
    const error = {
      kind: 'rejected' as const,
      status: 422,
      category: 'validation' as const,
      code: null,
      message: 'no',
      retryAfter: null,
      requestId: null,
      fields,
      event: null,
      contentType: null,
      elapsedMs: 186,
      retryable: false,
    };
    const area = document.body.appendChild(document.createElement('textarea'));
    area.focus();
    send({ sequence: 1, cellHead: { ...cell, state: { kind: 'failed' }, error } });
    painter.paint();
    expect(focused).not.toHaveBeenCalled();
    expect(app.comparison.serverProblem(cell.lane, 'temperature')).toBeTruthy();
    area.blur();
    cell = host.lastRun!.cells[1]!;
    send({ sequence: 1, cellHead: { ...cell, state: { kind: 'failed' }, error } });
    painter.paint();
    expect(focused).toHaveBeenCalledWith(cell.lane, 'temperature');
    area.remove();
  });
});
