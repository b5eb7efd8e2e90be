import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch } from '../../../bindings/Batch';
import type { ReplayControl } from '../../../bindings/ReplayControl';
import { MemoryHost } from '../../../platform/memory';
import { App } from '../../../state/app.svelte';
import { painter } from '../../../state/runs/painter';
import type { LiveCell } from '../../../state/runs/live-cell.svelte';
import { allActions } from '../../all-actions';
import LanesInApp from '../../compare/LanesInApp.svelte';
import WithApp from '../../with-app/WithApp.svelte';
import ServeDialog from './ServeDialog.svelte';
import { replayView } from './replay-view.svelte';

vi.setConfig({ testTimeout: 30_000 });

class Listening extends MemoryHost {
  controls: ReplayControl[] = [];
  heard: Batch[] = [];
  override async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    await super.subscribe((batch) => {
      this.heard.push(batch);
      onBatch(batch);
    });
  }
}

let host: Listening;
let app: App;
let cell: LiveCell;
let before: { text: string; arrivals: number[]; head: LiveCell['head'] };

const look = (of: LiveCell) => ({ text: of.answer(), arrivals: [...of.arrivals.times()], head: of.head });
async function painted(): Promise<void> {
  painter.paint();
  await tick();
}

beforeEach(async () => {
  host = new Listening();
  app = new App(host);
  app.actions.register(allActions(app));
  await app.start();
  await app.runs.showRun('past-1');
  cell = app.runs.cellOfLane(app.comparison.comparison.lanes[0]!.id)!;
  const control = host.controlReplay;
  host.controlReplay = async (id, wish) => {
    host.controls.push(wish);
    await control(id, wish);
  };
  before = look(cell);
});

describe('a replay', () => {
  it('begins from nothing, comes event by event, and ends as it was', async () => {
    await app.runs.startReplay(cell, { kind: 'step' });
    expect(cell.isReplaying).toBe(true);
    expect(cell.answer()).toBe('');
    expect(app.runs.isLive, 'nothing is sent, so that Run stays as it is').toBe(false);
    expect(app.runs.startReason()).toBeNull();
    expect(app.runs.standing(cell.head.lane)).toBe('done');
    await app.runs.controlReplay(cell, 'step');
    await app.runs.controlReplay(cell, 'step');
    await painted();
    expect(cell.answer()).toBe('Hello Maren,');
    expect(cell.arrivals.length).toBe(2);
    await app.runs.controlReplay(cell, 'finish');
    await painted();
    expect(look(cell)).toEqual(before);
    expect(app.announcement.text).toBe('Lane A replayed');
  });

  it('at once ends at once, with the same strip and figures', async () => {
    await app.runs.startReplay(cell, { kind: 'atOnce' });
    await waitFor(() => {
      painter.paint();
      expect(cell.isReplaying).toBe(false);
    });
    expect(look(cell)).toEqual(before);
  });

  it('twice in a row does not mix the two', async () => {
    await app.runs.startReplay(cell, { kind: 'step' });
    await app.runs.controlReplay(cell, 'step');
    await app.runs.startReplay(cell, { kind: 'step' });
    await painted();
    expect(cell.answer()).toBe('');
    await app.runs.controlReplay(cell, 'finish');
    await painted();
    expect(look(cell)).toEqual(before);
  });

  it('of a call that leaves the screen is ended', async () => {
    await app.runs.startReplay(cell, { kind: 'step' });
    app.runs.clear();
    expect(host.controls).toEqual(['finish']);
  });

  it('ends with Esc, which stops runs first', async () => {
    await app.runs.startReplay(cell, { kind: 'step' });
    expect(app.actions.dispatch(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }))).toBe(true);
    await painted();
    expect(host.controls).toEqual(['finish']);
    expect(cell.isReplaying).toBe(false);
    expect(app.actions.dispatch(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }))).toBe(false);
  });

  it('cannot be had of a lane that received nothing', async () => {
    app.runs.clear();
    expect(app.actions.disabledReason('replay.real')).toBe('This lane has not run yet');
  });

  it('is steered below the answer', async () => {
    render(LanesInApp, { app });
    await app.runs.startReplay(cell, { kind: 'times', factor: 10 });
    const bar = within(await screen.findByRole('group', { name: 'Replay of lane A' }));
    expect(bar.getByText('10×')).toBeTruthy();
    await fireEvent.click(bar.getByRole('button', { name: 'Pause' }));
    await painted();
    await fireEvent.click(await bar.findByRole('button', { name: 'Next event' }));
    await painted();
    expect(bar.getByText('10×, paused')).toBeTruthy();
    await fireEvent.click(bar.getByRole('button', { name: 'Resume' }));
    await fireEvent.click(bar.getByRole('button', { name: /^Finish/ }));
    await painted();
    await waitFor(() => expect(screen.queryByRole('group', { name: 'Replay of lane A' })).toBeNull());
    expect(host.controls).toEqual(['pause', 'step', 'resume', 'finish']);
  });
});

describe('serving a recording', () => {
  it('gives an address and a command for each pace', async () => {
    HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
      this.open = true;
    };
    render(WithApp, { app, shows: ServeDialog });
    replayView.serving = cell;
    const address = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Address', hidden: true });
    await waitFor(() => expect(address.value).toContain('/1/'));
    await fireEvent.click(screen.getByRole('radio', { name: '10×', hidden: true }));
    await waitFor(() => expect(address.value).toContain('/10/'));
    const command = screen.getByRole<HTMLInputElement>('textbox', { name: 'Try it with', hidden: true });
    expect(command.value).toContain(`curl -N ${address.value}`);
    replayView.serving = null;
  });

  it('says why it cannot', async () => {
    host.serveReplay = () => Promise.reject({ kind: 'invalid', field: 'cell', message: 'Nothing was received.' });
    render(WithApp, { app, shows: ServeDialog });
    replayView.serving = cell;
    expect((await screen.findByRole('alert', { hidden: true })).textContent).toContain('Nothing was received.');
    replayView.serving = null;
  });
});
