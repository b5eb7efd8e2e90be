import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventFilter } from '../../../bindings/EventFilter';
import type { EventRow } from '../../../bindings/EventRow';
import type { EventsView } from '../../../bindings/EventsView';
import { MemoryHost } from '../../../platform/memory';
import { App } from '../../../state/app.svelte';
import { allActions } from '../../all-actions';
import Inspector from '../Inspector.svelte';
import WithApp from '../../with-app/WithApp.svelte';
import { visibleText } from './event-text';
import './EventsTab.svelte';

// Looking elements up by role takes long in a document without a browser.
vi.setConfig({ testTimeout: 30_000 });

/** A call of so many events, ten milliseconds apart but for one stall. */
class ManyEvents extends MemoryHost {
  count = 0;
  live = false;
  readonly stallAt = 40;
  asked: number[][] = [];
  time = (number: number) => number * 10 + (number >= this.stallAt ? 800 : 0);

  override events = async (): Promise<EventsView> => ({
    count: this.count,
    messages: this.count - 2,
    errors: 1,
    comments: 1,
    stalls: 1,
    bytes: this.count * 100,
    medianGap: 10,
    longestGap: 810,
    stallThreshold: 250,
    live: this.live,
    document: false,
  });
  override eventTimes = async () => Float32Array.from({ length: this.count }, (_, index) => this.time(index + 1));
  override findEvents = async (_: string, filter: EventFilter) =>
    Uint32Array.from({ length: this.count }, (_, index) => index + 1).filter((number) =>
      filter.stallsOnly ? number === this.stallAt : filter.text === '' || String(number).includes(filter.text),
    );
  override readEvents = async (_: string, numbers: number[]): Promise<EventRow[]> => {
    this.asked.push(numbers);
    return numbers.map((number) => ({
      number,
      at: this.time(number),
      gap: 10,
      offset: number * 100,
      bytes: 100,
      kind: number === 3 ? 'comment' : 'message',
      name: null,
      text: ` word${number}\n`,
      part: number === 3 ? null : { channel: 'text', choice: 0, start: number * 7, end: number * 7 + 7 },
      path: '$.choices[0].delta.content',
      stall: number === this.stallAt,
    }));
  };
}

let host: ManyEvents;
let app: App;

async function open(count: number): Promise<void> {
  host.count = count;
  app.inspector.show('events');
  render(WithApp, { app, shows: Inspector });
  await screen.findByRole('grid', { name: 'Events' }, { timeout: 5_000 });
}

const grid = () => screen.getByRole('grid', { name: 'Events' });
const chosen = () => within(grid()).queryByRole('row', { selected: true });

async function press(key: string, element: HTMLElement = grid()): Promise<void> {
  await fireEvent.keyDown(element, { key });
  await tick();
}

beforeEach(async () => {
  host = new ManyEvents();
  app = new App(host);
  app.actions.register(allActions(app));
  await app.start();
  app.runs.clear();
  await app.runs.showRun('past-1');
});

describe('the events', () => {
  it('are a grid with one tab stop, which arrows, pages and ends go through', async () => {
    await open(500);
    expect(grid().getAttribute('aria-rowcount')).toBe('501');
    expect(
      within(grid())
        .getAllByRole('columnheader')
        .map((head) => head.textContent),
    ).toEqual(['#', 'Offset, ms', 'Delta, ms', 'Gap, log', 'Bytes', 'Text']);
    expect(grid().querySelectorAll('[tabindex="0"]').length).toBe(0);
    await press('ArrowDown');
    expect(app.inspector.selectedEvent).toBe(1);
    await press('ArrowDown');
    await press('ArrowDown');
    await press('ArrowUp');
    expect(app.inspector.selectedEvent).toBe(2);
    await press('End');
    expect(app.inspector.selectedEvent).toBe(500);
    await press('ArrowDown');
    expect(app.inspector.selectedEvent, 'there is nothing after the last').toBe(500);
    await press('Home');
    expect(app.inspector.selectedEvent).toBe(1);
    await press('PageDown');
    expect(app.inspector.selectedEvent).toBeGreaterThan(5);
    expect(grid().getAttribute('aria-activedescendant')).toBe(chosen()!.id);
  });

  it('say their offset, gap, size and text', async () => {
    await open(500);
    app.inspector.selectEvent(40);
    await waitFor(() =>
      expect(
        within(chosen()!)
          .getAllByRole('gridcell')
          .map((cell) => cell.textContent?.trim()),
      ).toEqual(['40', '1,200.0', '+810', '', '100', '·word40⏎']),
    );
    expect(within(chosen()!).getByRole('gridcell', { name: 'stall' })).toBeTruthy();
    expect(screen.getByRole('region', { name: 'Event 40' })).toBeTruthy();
  });

  it('keep the document small with a hundred thousand of them', async () => {
    await open(100_000);
    await press('End');
    await waitFor(() => expect(chosen()?.textContent).toContain('100,000'));
    await press('Home');
    await waitFor(() => expect(chosen()?.textContent).toContain('word1'));
    expect(document.querySelectorAll('*').length).toBeLessThan(2_000);
    const most = Math.max(...host.asked.map((numbers) => numbers.length));
    expect(most, 'rows are read in windows').toBeLessThanOrEqual(200);
  });

  it('are filtered by text, and by what kind they are', async () => {
    await open(500);
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Filter events' }), { target: { value: '49' } });
    await waitFor(() => expect(grid().getAttribute('aria-rowcount')).toBe('16'));
    expect(screen.getByText('15 events of 500')).toBeTruthy();
    await press('ArrowDown');
    await press('ArrowDown');
    expect(app.inspector.selectedEvent, 'rows that are left out are stepped over').toBe(149);
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Filter events' }), { target: { value: '' } });
    await fireEvent.click(screen.getByRole('button', { name: '1 stall' }));
    expect(screen.getByRole('button', { name: '1 stall' }).getAttribute('aria-pressed')).toBe('true');
    await waitFor(() => expect(grid().getAttribute('aria-rowcount')).toBe('2'));
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Filter events' }), { target: { value: 'nothing' } });
    await fireEvent.click(screen.getByRole('button', { name: '1 stall' }));
    expect(await screen.findByText('No event matches this filter.')).toBeTruthy();
  });

  it('are drawn as a chart that says what it shows and that the arrows go through', async () => {
    await open(500);
    expect(
      screen.getByRole('img', { name: /^Arrival of 500 events, .*one stall of 810 ms before event 40$/ }),
    ).toBeTruthy();
    const chart = screen.getByRole('slider', { name: 'Event in the chart' });
    await press('End', chart);
    await press('ArrowLeft', chart);
    expect(app.inspector.selectedEvent).toBe(499);
    expect(chart.getAttribute('aria-valuetext')).toBe('Event 499, 5,790.0 ms, +10 ms');
  });

  it('are stepped through from anywhere with Alt and the arrows', async () => {
    await open(500);
    app.actions.run('inspector.next');
    app.actions.run('inspector.next');
    expect(app.inspector.selectedEvent).toBe(2);
    app.actions.run('inspector.previous');
    expect(app.inspector.selectedEvent).toBe(1);
  });

  it('mark the text that they carried', async () => {
    await open(500);
    app.inspector.selectEvent(5);
    await waitFor(() => expect(app.inspector.marked?.part).toMatchObject({ start: 35, end: 42 }));
    app.inspector.selectEvent(3);
    await waitFor(() => expect(app.inspector.marked).toBeNull());
  });

  it('are looked at again while the call runs, without losing the selection', async () => {
    await open(500);
    app.inspector.selectEvent(7);
    host.count = 700;
    const { cell } = app.inspector;
    cell!.apply({
      cell: cell!.id,
      run: cell!.head.run,
      sequence: 1,
      cellHead: { ...cell!.head, state: { kind: 'streaming' } },
    });
    await waitFor(() => expect(grid().getAttribute('aria-rowcount')).toBe('701'));
    expect(app.inspector.selectedEvent).toBe(7);
  });
});

describe('visibleText', () => {
  it('draws what could be overlooked', () => {
    expect(visibleText('  two spaces ')).toBe('··two spaces·');
    expect(visibleText('a\r\nb\n\n\tc\u0000')).toBe('a⏎b⏎⏎⇥c␀');
    expect(visibleText('“quotes” \\ 😀')).toBe('“quotes” \\ 😀');
    expect(visibleText('x'.repeat(1_000)).length).toBeLessThan(310);
  });
});
