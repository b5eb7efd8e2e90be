import { render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppError } from '../../bindings/AppError';
import type { Batch } from '../../bindings/Batch';
import type { Cell } from '../../bindings/Cell';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { Run } from '../../bindings/Run';
import { MemoryHost } from '../../platform/memory';
import { App } from '../../state/app.svelte';
import { painter } from '../../state/runs/painter';
import { laneView } from './lane-view.svelte';
import LanesInApp from './LanesInApp.svelte';

/** Starts runs that say only what a test says. */
class QuietHost extends MemoryHost {
  deliver: (batch: Batch) => void = () => {};
  run: Run | null = null;
  stopped: string[] = [];
  retried: string[] = [];
  override async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    this.deliver = onBatch;
  }
  override async startRun(...[comparison, lanes]: Parameters<MemoryHost['startRun']>): Promise<Run> {
    const run = await super.startRun(comparison, lanes);
    await super.stopRun(run.summary.id);
    for (const cell of run.cells) cell.state = { kind: 'queued' };
    return (this.run = run);
  }
  override async stopCell(cell: string): Promise<void> {
    this.stopped.push(cell);
  }
  override async retryNow(cell?: string): Promise<void> {
    this.retried.push(cell!);
  }
}

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
const state = (head: Partial<Cell>) => say({ cellHead: { ...cell, startedAt: Date.now(), ...head } });
const text = (words: string) => say({ appends: [{ kind: 'text', choice: 0, text: words }] });
const lane = () => within(screen.getByRole('region', { name: 'Lane A' }));
const rejection = (more: object): AppError => ({
  kind: 'rejected',
  status: 422,
  category: 'validation',
  code: null,
  message: 'no',
  retryAfter: null,
  requestId: 'req_1',
  fields: [],
  event: null,
  contentType: null,
  elapsedMs: 186,
  retryable: false,
  ...more,
});

beforeEach(async () => {
  sequence = 0;
  laneView.view = 'answers';
  host = new QuietHost();
  app = new App(host);
  await app.start();
  app.runs.clear();
  render(LanesInApp, { app });
});
afterEach(() => painter.paint());

async function press(): Promise<void> {
  for (const name of app.comparison.missingVariables) app.comparison.setVariable(name, 'x');
  await app.runs.start();
  cell = host.run!.cells[0]!;
  await tick();
}

describe('a lane', () => {
  it('has the names of the design before anything has run', () => {
    expect(screen.getByRole('radiogroup', { name: 'Lane view' })).toBeTruthy();
    expect(screen.getAllByRole('radio').map((radio) => radio.textContent?.trim())).toEqual(
      expect.arrayContaining(['Answers', 'Requests']),
    );
    expect(screen.getByRole('button', { name: 'Add lane' })).toBeTruthy();
    expect(screen.getAllByRole('region').map((region) => region.getAttribute('aria-label'))).toEqual(
      expect.arrayContaining(['Lane A', 'Lane B', 'Lane C']),
    );
    const model = app.comparison.comparison.lanes[0]!.model;
    expect(lane().getByRole('button', { name: `${model}, model of lane A` })).toBeTruthy();
    expect(lane().getByRole('button', { name: 'Lane A actions' })).toBeTruthy();
    expect(lane().getByRole('log', { name: 'Answer of lane A' }).getAttribute('aria-busy')).toBe('false');
    expect(lane().getByText('No answer yet')).toBeTruthy();
    expect(lane().getByText('Ready')).toBeTruthy();
  });

  it('shows a clock and a way to stop while it waits', async () => {
    await press();
    await state({ state: { kind: 'waiting' } });
    expect(lane().getByText('Waiting')).toBeTruthy();
    expect(lane().getByText(/waiting for the first byte/)).toBeTruthy();
    lane().getByRole('button', { name: /^Stop/ }).click();
    expect(host.stopped).toEqual([cell.id]);
    expect(lane().getByRole('log').getAttribute('aria-busy')).toBe('true');
    expect(lane().getByRole('log').getAttribute('aria-live'), 'tokens are not read out').toBe('off');
  });

  it('streams Markdown and ends with what is measured', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await text('Hello **Ma');
    await text('ren**,\n\n- one\n- two\n');
    await waitFor(() => expect(lane().getByRole('log').querySelector('strong')?.textContent).toBe('Maren'));
    expect(lane().getByRole('log').querySelectorAll('li').length).toBe(2);
    await say({ arrivals: [428, 1430] });
    const metrics = {
      ...cell.metrics,
      timeToFirstToken: 428,
      tokensPerSecond: 85.8,
      visibleTokens: 86,
      visibleSpan: 1003,
    };
    await state({
      state: { kind: 'finished' },
      metrics,
      milestones: { ...cell.milestones, end: 1430 },
      outcome: { ...cell.outcome, events: 2 },
    });
    expect(lane().getByText('1.43 s')).toBeTruthy();
    expect(lane().getByText('85.8')).toBeTruthy();
    expect(lane().getByRole('img', { name: '2 events, first at 428 ms, last at 1.43 s' })).toBeTruthy();
    expect(lane().getByRole('log').getAttribute('aria-busy')).toBe('false');
  });

  it('folds the reasoning when the answer starts', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await say({ appends: [{ kind: 'reasoning', choice: 0, text: 'The customer wants money back.' }] });
    const thinking = () => lane().getByRole('button', { name: /^Thinking/ });
    expect(thinking().getAttribute('aria-expanded')).toBe('true');
    await text('Hello');
    expect(thinking().getAttribute('aria-expanded')).toBe('false');
  });

  it('keeps the text when stopped and goes on from it in its own input', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await text('Hello Maren, you are free to');
    await state({ state: { kind: 'stopped' }, metrics: { ...cell.metrics, visibleTokens: 34 } });
    expect(lane().getByText(/You stopped here\. 34 tokens kept, connection closed\./)).toBeTruthy();
    lane().getByRole('button', { name: 'Continue from here' }).click();
    const messages = app.comparison.messagesOf(cell.lane);
    expect(messages.at(-1)).toMatchObject({
      role: 'assistant',
      content: { kind: 'text', text: 'Hello Maren, you are free to' },
    });
    expect(app.comparison.sharesInput(cell.lane)).toBe(false);
    expect(lane().getByRole('button', { name: 'Run again' })).toBeTruthy();
  });

  it('says what the server rejected and leads to the control', async () => {
    await press();
    const fields = [
      {
        path: ['body', 'temperature'],
        message: 'Input should be less than or equal to 2',
        parameter: 'temperature',
        input: '2.4',
      },
    ];
    await state({
      state: { kind: 'failed' },
      error: rejection({ fields }),
      head: { status: 422, protocol: 'HTTP/1.1', headers: [], remoteAddress: null, redirects: [], tls: null },
    });
    const alert = within(lane().getByRole('alert', { name: 'Lane A failed' }));
    expect(alert.getByText('The server rejected temperature')).toBeTruthy();
    expect(alert.getByText('body.temperature = 2.4')).toBeTruthy();
    for (const name of ['Go to temperature', 'Show response body', 'Copy error report'])
      expect(alert.getByRole('button', { name })).toBeTruthy();
    alert.getByRole('button', { name: 'Go to temperature' }).click();
    expect(app.comparison.focusRequest).toMatchObject({ kind: 'parameter', name: 'temperature', lane: cell.lane });
  });

  it('shows the certificate that is not trusted, and copies a report without the prompt unless it is asked for', async () => {
    const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    const report = vi.spyOn(host, 'errorReport').mockResolvedValue('the report');
    const certificates = [
      { subject: 's', issuer: 'i', serial: '1', notBefore: '', notAfter: '', names: [], sha256: '', pem: '' },
    ];
    await press();
    await state({ state: { kind: 'finished' } });
    await press();
    await state({
      state: { kind: 'failed' },
      model: 'another',
      error: { kind: 'network', stage: 'tls', host: 'h.test', port: 443, message: 'no', elapsedMs: 1, certificates },
    });
    const alert = within(lane().getByRole('alert', { name: 'Lane A failed' }));
    alert.getByRole('button', { name: 'Show certificate' }).click();
    expect(laneView.certificates).toEqual({ host: 'h.test', chain: certificates });
    laneView.certificates = null;
    alert.getByRole('button', { name: 'Copy error report' }).click();
    await waitFor(() => expect(copied).toHaveBeenCalledExactlyOnceWith('the report'));
    expect(report.mock.calls[0]).toEqual([cell.id, [expect.stringMatching(/^model: .+ → another$/)], false]);
    alert.getByRole('button', { name: 'More of the error report' }).click();
    (await screen.findByRole('menuitem', { name: 'Copy with prompt and answer' })).click();
    await waitFor(() => expect(report.mock.calls[1]?.[2]).toBe(true));
  });

  it('keeps the text above a failure inside the stream', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await text('Hi Maren,');
    await state({
      state: { kind: 'failed' },
      error: rejection({ status: 200, category: 'inStream', event: 14, message: 'worker restarted' }),
    });
    expect(lane().getByText('Hi Maren,')).toBeTruthy();
    expect(lane().getByText('The server broke off the stream')).toBeTruthy();
    expect(lane().getByRole('button', { name: 'Show event 14' })).toBeTruthy();
    expect(lane().getByText('200, then error')).toBeTruthy();
  });

  it('counts down and can be sent now or cancelled', async () => {
    await press();
    const error = rejection({ status: 429, category: 'rateLimit', retryAfter: 7, message: 'Rate limit reached' });
    await state({ state: { kind: 'retrying', waitMs: 5000, attempt: 2, attempts: 3, error } });
    expect(lane().getByText('Too many requests. Trying again in 5 s')).toBeTruthy();
    expect(lane().getByText('2 of 3')).toBeTruthy();
    lane().getByRole('button', { name: 'Send now' }).click();
    expect(host.retried).toEqual([cell.id]);
    lane().getByRole('button', { name: 'Cancel' }).click();
    expect(host.stopped).toEqual([cell.id]);
  });

  it('says that the stream ended early, and that the program was closed', async () => {
    await press();
    await state({ state: { kind: 'endedEarly' }, outcome: { ...cell.outcome, events: 14 } });
    expect(lane().getByText('The stream ended early, after 14 events')).toBeTruthy();
    await state({ state: { kind: 'interrupted' } });
    expect(lane().getByText(/Juxta was closed while this ran/)).toBeTruthy();
  });

  it('names a finish reason other than stop', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await text('cut');
    const choice = {
      index: 0,
      text: '',
      reasoning: '',
      refusal: '',
      toolCalls: [],
      finishReason: 'length',
      annotations: null,
      item: null,
      textDeltas: 1,
      reasoningDeltas: 0,
      audio: null,
    };
    await state({ state: { kind: 'finished' }, outcome: { ...cell.outcome, choices: [choice] } });
    expect(lane().getByText(/Cut off at the token limit/)).toBeTruthy();
    expect(lane().getByText('length')).toBeTruthy();
  });

  it('puts tool calls together while they stream', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    const part = (name: string | null, piece: string) =>
      say({ appends: [{ kind: 'toolCall', choice: 0, call: 0, id: null, name, toolKind: null, arguments: piece }] });
    await part('get_order', '{"id":');
    await part(null, '"NL-20418"}');
    const card = lane().getByRole('group', { name: 'Tool call get_order' });
    expect(card.querySelector('pre')?.textContent).toBe('{"id":"NL-20418"}');
    await state({ state: { kind: 'finished' } });
    await waitFor(() => expect(card.querySelector('pre')?.textContent).toBe('{\n  "id": "NL-20418"\n}'));
  });

  it('steps through choices and repeats', async () => {
    app.comparison.setRepeats(2);
    await press();
    expect(lane().getByRole('group', { name: 'Repeat 1 of 2' })).toBeTruthy();
    await state({ state: { kind: 'streaming' } });
    await say({
      appends: [
        { kind: 'text', choice: 0, text: 'zero' },
        { kind: 'text', choice: 1, text: 'one' },
      ],
    });
    expect(lane().getByText('zero')).toBeTruthy();
    lane().getByRole('button', { name: 'Next choice' }).click();
    await tick();
    painter.paint();
    await waitFor(() => expect(lane().getByText('one')).toBeTruthy());
    lane().getByRole('button', { name: 'Next repeat' }).click();
    await tick();
    expect(lane().getByRole('group', { name: 'Repeat 2 of 2' })).toBeTruthy();
    expect(lane().getByText('Queued')).toBeTruthy();
  });

  it('asks before anything that an answer points to, and opens nothing', async () => {
    await press();
    await state({ state: { kind: 'streaming' } });
    await text('See [this](https://evil.test/x).\n\n');
    const link = await waitFor(() => lane().getByRole('link'));
    expect(link.tagName).toBe('SPAN');
    link.click();
    expect(laneView.link).toBe('https://evil.test/x');
    laneView.link = null;
  });
});
