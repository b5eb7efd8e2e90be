// What the inspector shows: one call of the current lane, one tab, and in it one event.
import type { EventsView } from '../bindings/EventsView';
import type { Lane } from '../bindings/Lane';
import type { TextChannel } from '../bindings/TextChannel';
import type { TextPart } from '../bindings/TextPart';
import type { Host } from '../platform/host';
import type { ComparisonController } from './comparison.svelte';
import type { Layout } from './layout.svelte';
import type { RunsController } from './runs.svelte';
import type { LiveCell } from './runs/live-cell.svelte';

export const inspectorTabs = ['request', 'response', 'events', 'timing', 'tokens', 'code'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

interface InspectorFacts {
  readonly host: Host;
  readonly layout: Layout;
  readonly comparison: ComparisonController;
  readonly runs: RunsController;
}

/** Heights of the page at which the composer has to make room for an inspector below the lanes. */
const roomForBoth = 460;

export class Inspector {
  /** Which request the Request tab shows once there was a call: the one that went out, or the one that goes out next. */
  request: 'sent' | 'next' = $state('sent');
  /** Text of an answer to be marked, and the call that it belongs to. */
  marked: { cell: string; part: TextPart } | null = $state.raw(null);
  /** What all events of the shown call have in common; `null` until it was read. */
  #events: { cell: string; view: EventsView } | null = $state.raw(null);
  #responseBytes: { cell: string; bytes: number } | null = $state.raw(null);
  #tokens: { cell: string; count: number } | null = $state.raw(null);
  #event: { cell: string; number: number } | null = $state.raw(null);
  /** The composer was folded for the sake of the inspector, and unfolds with it. */
  #foldedComposer = false;

  constructor(private readonly facts: InspectorFacts) {}

  // ---- where it is

  get open(): boolean {
    return this.facts.layout.value('inspector.open', 0) === 1;
  }
  set open(open: boolean) {
    if (open === this.open) return;
    const { layout } = this.facts;
    layout.setValue('inspector.open', open ? 1 : 0);
    if (open && this.side === 'down') this.#foldComposer();
    if (!open && this.#foldedComposer) {
      this.#foldedComposer = false;
      layout.setValue('composer.collapsed', 0);
    }
  }

  get side(): 'down' | 'right' {
    return this.facts.layout.value('inspector.right', 0) === 1 ? 'right' : 'down';
  }
  set side(side: 'down' | 'right') {
    this.facts.layout.setValue('inspector.right', side === 'right' ? 1 : 0);
  }

  get tab(): InspectorTab {
    return inspectorTabs[this.facts.layout.value('inspector.tab', 2)] ?? 'events';
  }
  set tab(tab: InspectorTab) {
    this.facts.layout.setValue('inspector.tab', inspectorTabs.indexOf(tab));
  }

  /** Opens it on a tab. */
  show(tab: InspectorTab): void {
    this.tab = tab;
    this.open = true;
  }

  /** Opens it on the request of a lane: the one that goes out next, or the one of its last call. */
  showRequest(lane: string, request: 'sent' | 'next'): void {
    this.facts.comparison.selectLane(lane);
    this.request = request;
    this.show('request');
  }

  /** Opens it on the response of a call, or on one of its events. */
  showResponse(cell: LiveCell, event: number | null = null): void {
    this.facts.comparison.selectLane(cell.head.lane);
    if (event !== null) this.#event = { cell: cell.id, number: event };
    this.show(event === null ? 'response' : 'events');
  }

  #foldComposer(): void {
    const { layout } = this.facts;
    if (layout.value('composer.collapsed', 0) === 1 || layout.pageHeight - layout.inspectorHeight > roomForBoth) return;
    this.#foldedComposer = true;
    layout.setValue('composer.collapsed', 1);
  }

  // ---- what it shows

  get lane(): Lane | null {
    return this.facts.comparison.current;
  }

  /** The call shown: of the current lane, and with repeats the one that its stepper shows. `null` before the first run. */
  get cell(): LiveCell | null {
    return this.facts.runs.cellOfLane(this.facts.comparison.currentLane);
  }

  /** Id of the call shown, once there is an exchange to read. */
  readonly exchange: string | null = $derived.by(() => {
    const cell = this.cell;
    return cell?.head.request ? cell.id : null;
  });

  /** Number of the selected event of the call shown. */
  get selectedEvent(): number | null {
    return this.#event && this.#event.cell === this.cell?.id ? this.#event.number : null;
  }

  selectEvent(number: number | null): void {
    const cell = this.cell;
    this.#event = cell && number !== null ? { cell: cell.id, number } : null;
  }

  /** Selects the event that carried a place of an answer, and shows it when the inspector is open or is to be opened. */
  async selectText(
    cell: LiveCell,
    channel: TextChannel,
    choice: number,
    offset: number,
    opens = false,
  ): Promise<number | null> {
    const number = await this.facts.host.eventOfText(cell.id, channel, choice, offset);
    if (number === null) return null;
    this.#event = { cell: cell.id, number };
    if (opens) this.showResponse(cell, number);
    return number;
  }

  /** Marks a piece of the shown call's answer, or nothing. */
  mark(part: TextPart | null): void {
    const cell = this.cell;
    this.marked = cell && part ? { cell: cell.id, part } : null;
  }

  // ---- figures beside the tabs

  get eventsView(): EventsView | null {
    return this.#events && this.#events.cell === this.cell?.id ? this.#events.view : null;
  }

  get responseBytes(): number | null {
    return this.#responseBytes && this.#responseBytes.cell === this.cell?.id ? this.#responseBytes.bytes : null;
  }

  /** Tokens with log probabilities. */
  get tokenCount(): number | null {
    return this.#tokens && this.#tokens.cell === this.cell?.id ? this.#tokens.count : null;
  }

  noteTokens(cell: string, count: number): void {
    this.#tokens = { cell, count };
  }

  /** Reads the figures again; they stay unknown when there is nothing to read. */
  async count(cell: string): Promise<void> {
    const { host } = this.facts;
    const view = await host.events(cell).catch(() => null);
    // While a stream runs its events tell its size; the bytes themselves are counted once they are all here.
    const isStreaming = view !== null && view.live && !view.document;
    const bytes = isStreaming
      ? view.bytes
      : await host.documentInfo({ kind: 'response', cell }, 'exact').then(
          (info) => info.bodyBytes,
          () => null,
        );
    if (this.cell?.id !== cell) return;
    if (view) this.#events = { cell, view };
    if (bytes !== null) this.#responseBytes = { cell, bytes };
  }
}
