import { render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cell } from '../../../bindings/Cell';
import { MemoryHost } from '../../../platform/memory';
import { App } from '../../../state/app.svelte';
import { allActions } from '../../all-actions';
import WithApp from '../../with-app/WithApp.svelte';
import Inspector from '../Inspector.svelte';
import { quantile } from './quantiles';
import './TimingTab.svelte';
import { firstByteAxis, marks, niceAxis, phaseBars, runPieces, tickLabel } from './waterfall';

vi.setConfig({ testTimeout: 30_000 });

let host: MemoryHost;
let app: App;
let cell: Cell;

beforeEach(async () => {
  host = new MemoryHost();
  app = new App(host);
  app.actions.register(allActions(app));
  await app.start();
  await app.runs.showRun('past-1');
  cell = (await host.openRun('past-1')).cells[1]!;
});

describe('phaseBars', () => {
  it('leaves out what did not take place', () => {
    const reused = { ...cell, phases: { ...cell.phases, dns: null, connect: null, tls: null } };
    expect(phaseBars(reused, null).map(({ name }) => name)).toEqual(['Send', 'Wait', 'Receive']);
  });

  it('goes on to now while a call runs', () => {
    const waiting: Cell = {
      ...cell,
      phases: { ...cell.phases, wait: null, receive: null },
      milestones: { ...cell.milestones, end: null },
    };
    expect(phaseBars(waiting, 900).at(-1)).toEqual({ name: 'Wait', start: 85, end: 900, kind: 'wait', running: true });
    const streaming: Cell = { ...cell, phases: { ...cell.phases, receive: null }, milestones: waiting.milestones };
    expect(phaseBars(streaming, 900).at(-1)).toMatchObject({ name: 'Receive', end: 900, running: true });
  });
});

describe('scales', () => {
  it.each([
    [0, 1, '1 ms'],
    [186, 200, '200 ms'],
    [612, 700, '700 ms'],
    [1_900, 2_000, '2 s'],
    [41_000, 50_000, '50 s'],
  ])('of %d ms end on %d', (until, length, label) => {
    const axis = niceAxis(until);
    expect(axis.length).toBe(length);
    expect(axis.ticks.length).toBeLessThanOrEqual(9);
    expect(tickLabel(axis, axis.length, true)).toBe(label);
  });

  it('of the wait end after the first byte, however long the answer took', () => {
    const long = { ...cell, phases: { ...cell.phases, receive: { start: 564, end: 90_000 } } };
    expect(firstByteAxis(long, phaseBars(long, null)).length).toBe(700);
  });
});

describe('runPieces', () => {
  it('shows a stall between what was received', () => {
    const times = [600, 610, 620, 630, 1_600, 1_610];
    expect(runPieces(cell, times, 1_700).map(({ from, to, kind }) => [from, to, kind])).toEqual([
      [0, 85, 'past'],
      [85, 564, 'wait'],
      [564, 630, 'receive'],
      [630, 1_600, 'stall'],
      [1_600, 1_700, 'receive'],
    ]);
  });

  it('says nothing of moments that are not known', () => {
    expect(
      marks({ ...cell, milestones: { ...cell.milestones, firstReasoning: null } }).map(({ name }) => name),
    ).toEqual(['first byte', 'first event', 'first visible token']);
  });
});

describe('quantile', () => {
  it('stands between neighbours in proportion', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNull();
  });
});

describe('the timing tab', () => {
  it('has a table for each picture, with the call among its earlier ones', async () => {
    app.comparison.selectLane(app.comparison.comparison.lanes[1]!.id);
    app.inspector.show('timing');
    render(WithApp, { app, shows: Inspector });
    const phases = await screen.findByRole('table', { name: 'Phases of the request' });
    expect(
      within(phases)
        .getAllByRole('rowheader')
        .map((head) => head.textContent),
    ).toEqual(['DNS', 'Connect', 'TLS', 'Send', 'Wait', 'Receive']);
    expect(within(phases).getByRole('row', { name: /Connect/ }).textContent).toContain('27.0 ms');
    const lanes = screen.getByRole('table', { name: 'All lanes on one scale' });
    expect(
      within(lanes)
        .getAllByRole('button')
        .map((button) => button.getAttribute('aria-label')),
    ).toEqual(['Lane A', 'Lane B', 'Lane C']);
    expect(within(lanes).getByRole('button', { pressed: true }).getAttribute('aria-label')).toBe('Lane B');
    expect(lanes.textContent).toContain('422');
    const earlier = await screen.findByRole('table', { name: 'This lane, last 20 runs' });
    expect(
      within(earlier)
        .getAllByRole('rowheader')
        .map((head) => head.textContent),
    ).toEqual(['TTFT', 'tok/s', 'Max gap']);
    expect(screen.getByText('HTTP/2, TLS 1.3, new connection')).toBeTruthy();
    expect(screen.getByText('TLS_AES_128_GCM_SHA256')).toBeTruthy();
  });

  it('goes to a lane by its row', async () => {
    app.inspector.show('timing');
    render(WithApp, { app, shows: Inspector });
    (await screen.findByRole('button', { name: 'Lane C' })).click();
    await waitFor(() => expect(screen.getByText(/no byte|to the first byte/)).toBeTruthy());
    expect(app.comparison.currentLane).toBe(app.comparison.comparison.lanes[2]!.id);
  });

  it('says what will be here before the first run', async () => {
    app.runs.clear();
    app.inspector.show('timing');
    render(WithApp, { app, shows: Inspector });
    expect(await screen.findByText(/once this lane has run/)).toBeTruthy();
  });
});
