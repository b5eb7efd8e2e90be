import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../bindings/Batch';
import type { Cell } from '../../bindings/Cell';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { RequestView } from '../../bindings/RequestView';
import type { Run } from '../../bindings/Run';
import type { SchemaCheck } from '../../bindings/SchemaCheck';
import type { SchemaFault } from '../../bindings/SchemaFault';
import { MemoryHost } from '../../platform/memory';
import { App } from '../../state/app.svelte';
import { painter } from '../../state/runs/painter';
import { laneView } from '../compare/lane-view.svelte';
import LanesInApp from '../compare/LanesInApp.svelte';
import { schemaView } from '../schema/schema-view.svelte';
import { asksForJson, litIn, verdict } from './words';

/** Runs that say only what a test says, of requests that ask for JSON. */
class QuietHost extends MemoryHost {
  deliver: (batch: Batch) => void = () => {};
  run: Run | null = null;
  asked = 0;
  answer: SchemaCheck | null = null;
  /** What a question waits for. */
  gate: Promise<void> = Promise.resolve();
  override async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    this.deliver = onBatch;
  }
  override async startRun(...[comparison, lanes]: Parameters<MemoryHost['startRun']>): Promise<Run> {
    const run = await super.startRun(comparison, lanes);
    await super.stopRun(run.summary.id);
    for (const cell of run.cells) {
      cell.state = { kind: 'queued' };
      cell.request = {
        ...(cell.request ?? empty),
        keys: [key('{"type":"json_schema","json_schema":{"name":"order_schema"}}')],
      };
    }
    return (this.run = run);
  }
  override schemaCheck = async () => {
    this.asked += 1;
    await this.gate;
    return this.answer;
  };
}

const key = (json: string): RequestView['keys'][number] => ({
  name: 'response_format',
  json,
  origin: 'draft',
  extra: false,
  baseJson: null,
  filled: 0,
});
const empty: RequestView = {
  method: 'POST',
  url: 'http://a.test',
  headers: [],
  body: '',
  bodyBytes: 0,
  keys: [],
  absent: [],
  warnings: [],
  carried: [],
  parts: [],
};
const fault: SchemaFault = {
  start: 8,
  end: 14,
  pointer: '/a/0/"é🌊\\',
  schemaPointer: '/properties/a/enum',
  keyword: 'enum',
  message: 'Expected one of "red" or "green", got the string "blue"',
};
const checked = (more: Partial<SchemaCheck>): SchemaCheck => ({
  name: 'order_schema',
  hasSchema: true,
  state: { kind: 'growing' },
  faults: [],
  faultCount: more.faults?.length ?? 0,
  notChecked: [],
  ...more,
});

let host: QuietHost;
let app: App;
let cell: Cell;
let sequence: number;

async function say(update: Partial<CellUpdate>): Promise<void> {
  sequence += 1;
  host.deliver({ number: sequence, updates: [{ cell: cell.id, run: cell.run, sequence, ...update }] });
  painter.paint();
  await tick();
  await tick();
  painter.paint();
  await tick();
}
const text = (words: string) => say({ appends: [{ kind: 'text', choice: 0, text: words }] });
const state = (kind: 'streaming' | 'finished') =>
  say({ cellHead: { ...cell, startedAt: Date.now(), state: { kind } } });
const strip = () => screen.findByRole('region', { name: 'Schema check' });

beforeEach(async () => {
  sequence = 0;
  laneView.view = 'answers';
  host = new QuietHost();
  app = new App(host);
  await app.start();
  app.runs.clear();
  render(LanesInApp, { app });
  await app.runs.start([app.comparison.comparison.lanes[0]!.id]);
  cell = host.run!.cells[0]!;
});
afterEach(() => painter.paint());

describe('an answer with a schema', () => {
  it('is drawn as JSON, tells a fault while it streams, and is announced once, at its end', async () => {
    const said: string[] = [];
    const announce = app.announce.bind(app);
    app.announce = (words) => {
      said.push(words);
      announce(words);
    };
    host.answer = checked({ faults: [fault] });
    await state('streaming');
    await text('{"a": "blue"');
    await screen.findByText('1 fault so far');
    expect(document.querySelector('.block.json')?.textContent).toBe('{"a": "blue"');

    host.answer = checked({ state: { kind: 'invalid' }, faults: [fault] });
    await text('}');
    await state('finished');
    await screen.findByText('1 fault against order_schema');
    expect(said.filter((words) => words.includes('order_schema'))).toEqual(['Lane A: 1 fault against order_schema']);
  });

  it('leads from a fault to its place in the answer and in the schema', async () => {
    host.answer = checked({ state: { kind: 'invalid' }, faults: [fault] });
    await state('streaming');
    await text('{"a": "blue"}');
    await state('finished');
    const shown = within(await strip());
    await fireEvent.click(await shown.findByRole('button', { name: '1 fault against order_schema' }));
    shown.getByText(fault.message);
    shown.getByText(fault.pointer);
    await fireEvent.click(shown.getByRole('button', { name: 'Show in answer, fault 1' }));
    await waitFor(() =>
      expect(app.inspector.marked?.part).toEqual({ channel: 'text', choice: 0, start: fault.start, end: fault.end }),
    );
    await fireEvent.click(shown.getByRole('button', { name: 'Show in schema, fault 1' }));
    expect(schemaView.request).toEqual({ pointer: fault.schemaPointer });
  });

  it('has one question under way at a time, and asks nothing when nothing new came', async () => {
    let open = () => {};
    host.gate = new Promise((resolve) => (open = resolve));
    host.answer = checked({});
    await state('streaming');
    for (const word of ['{', '"a"', ':', '1']) await text(word);
    expect(host.asked).toBe(1);
    open();
    await waitFor(() => expect(host.asked).toBe(2));
    await strip();
    await say({ arrivals: [12] });
    expect(host.asked).toBe(2);
  });
});

describe('what is said', () => {
  it('has words for every state', () => {
    const words = [
      checked({}),
      checked({ faults: [fault], faultCount: 2 }),
      checked({ state: { kind: 'valid' } }),
      checked({ state: { kind: 'valid' }, hasSchema: false, name: 'JSON object' }),
      checked({ state: { kind: 'invalid' }, faultCount: 1200 }),
      checked({ state: { kind: 'cutOff', pointer: '/items/3/price', offset: 9, within: 'number' } }),
      checked({ state: { kind: 'cutOff', pointer: '/a', offset: 9, within: 'nothing' }, faultCount: 1 }),
      checked({ state: { kind: 'cutOff', pointer: '', offset: 1, within: 'object' } }),
      checked({ state: { kind: 'notJson', start: 0, end: 3, message: 'm' } }),
      checked({ state: { kind: 'unchecked', message: 'm' } }),
    ].map(verdict);
    expect(words).toEqual([
      'Checking against order_schema',
      '2 faults so far',
      'Matches order_schema',
      'A valid JSON object',
      expect.stringMatching(/^1.?200 faults against order_schema$/),
      'Stopped inside /items/3/price',
      'Stopped before /a, 1 fault',
      'Stopped inside the JSON',
      'Not JSON',
      'Not checked',
    ]);
  });

  it('lights the beginning of a long fault, and the place where the JSON breaks off', () => {
    const long = { ...fault, start: 5, end: 90_000 };
    expect(litIn(checked({ faults: [long], state: { kind: 'notJson', start: 2, end: 4, message: '' } }))).toEqual([
      { start: 5, end: 405 },
      { start: 2, end: 4 },
    ]);
  });

  it('asks only for requests that asked for JSON', () => {
    const asks = (endpoint: Cell['endpoint'], json: string) =>
      asksForJson({ ...cell, endpoint, request: { ...empty, keys: [key(json)] } });
    expect(asks('chat', '{"type":"json_object"}')).toBe(true);
    expect(asks('chat', '{"type":"text"}')).toBe(false);
    expect(asks('responses', '{"type":"json_object"}')).toBe(false);
    expect(asks('generic', '{"type":"json_object"}')).toBe(false);
    expect(asksForJson({ ...cell, endpoint: 'chat', request: null })).toBe(true);
  });
});
