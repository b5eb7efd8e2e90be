// The part of the memory host that serves events, tokens and the times of earlier calls.
import type { Cell } from '../../bindings/Cell';
import type { EventRow } from '../../bindings/EventRow';
import type { EventsView } from '../../bindings/EventsView';
import type { LaneTiming } from '../../bindings/LaneTiming';
import type { Token } from '../../bindings/Token';
import type { TokensView } from '../../bindings/TokensView';
import { isLive } from '../../state/runs/live-cell.svelte';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { alternativesOf, hasLogprobs, likelihood, recordedEvents, steady, type RecordedEvent } from './recorded';

export type EventsHost = Pick<
  Host,
  'events' | 'eventTimes' | 'findEvents' | 'readEvents' | 'eventOfText' | 'tokens' | 'alternatives' | 'laneHistory'
>;

/** Alternatives of a token, the chosen one counted. */
const MOST = 5;

export function eventsHost(host: MemoryHost): EventsHost {
  const cellOf = async (id: string): Promise<Cell> => (await host.openCell(id)).cell;
  const rowsOf = async (id: string): Promise<EventRow[]> => rows(recordedEvents(await cellOf(id)));

  return {
    async events(id) {
      const cell = await cellOf(id);
      return view(rows(recordedEvents(cell)), isLive(cell));
    },
    async eventTimes(id) {
      return Float32Array.from(recordedEvents(await cellOf(id)), ({ at }) => at);
    },
    async findEvents(id, filter) {
      const text = filter.text.toLowerCase();
      const events = recordedEvents(await cellOf(id));
      const found = rows(events).filter(
        (row, index) =>
          events[index]!.raw.toLowerCase().includes(text) &&
          (filter.kinds.length === 0 || filter.kinds.includes(row.kind)) &&
          (!filter.stallsOnly || row.stall),
      );
      return Uint32Array.from(found, ({ number }) => number);
    },
    async readEvents(id, numbers) {
      const all = await rowsOf(id);
      return numbers.flatMap((number) => all[number - 1] ?? []);
    },
    async eventOfText(id, channel, choice, offset) {
      const found = recordedEvents(await cellOf(id)).find(
        ({ part }) => part?.channel === channel && part.choice === choice && part.start <= offset && offset < part.end,
      );
      return found?.number ?? null;
    },
    async tokens(id, choice) {
      return tokensOf(await cellOf(id), choice);
    },
    async alternatives(id, choice, token) {
      const found = tokensOf(await cellOf(id), choice).tokens[token];
      if (!found || found.event === null) return [];
      return alternativesOf(found.text, found.event - 1).map((one) => ({ ...one, chosen: one.text === found.text }));
    },
    async laneHistory(id) {
      const { metrics, arrivals, laneIndex } = await cellOf(id);
      const own: LaneTiming = {
        cell: id,
        timeToFirstToken: metrics.timeToFirstToken,
        tokensPerSecond: metrics.tokensPerSecond,
        longestGap: gaps(arrivals).reduce<number | null>((most, gap) => Math.max(most ?? 0, gap), null),
      };
      const usual = { first: own.timeToFirstToken ?? 500, speed: own.tokensPerSecond ?? 45, gap: own.longestGap ?? 40 };
      const earlier = Array.from({ length: 19 }, (_, index): LaneTiming => {
        const at = (index + 1) * 3 + laneIndex * 71;
        return {
          cell: `earlier-${index}`,
          timeToFirstToken: usual.first * (0.75 + steady(at) * 0.55),
          tokensPerSecond: usual.speed * (0.8 + steady(at + 1) * 0.5),
          longestGap: usual.gap * (0.5 + steady(at + 2) * 2),
        };
      });
      return [own, ...earlier];
    },
  };
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - times[index]!);

function threshold(median: number | null): number {
  return Math.max(250, 8 * (median ?? 0));
}

function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function rows(events: readonly RecordedEvent[]): EventRow[] {
  const limit = threshold(medianOf(gaps(events.map(({ at }) => at))));
  return events.map(({ number, at, offset, bytes, kind, text, part, path }, index) => {
    const gap = index === 0 ? null : at - events[index - 1]!.at;
    return { number, at, gap, offset, bytes, kind, name: null, text, part, path, stall: gap !== null && gap > limit };
  });
}

function view(all: readonly EventRow[], live: boolean): EventsView {
  const known = all.flatMap(({ gap }) => gap ?? []);
  const median = medianOf(known);
  const of = (kind: EventRow['kind']) => all.filter((row) => row.kind === kind).length;
  return {
    count: all.length,
    messages: of('message'),
    errors: of('error'),
    comments: of('comment'),
    stalls: all.filter(({ stall }) => stall).length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    medianGap: median,
    longestGap: known.length > 0 ? Math.max(...known) : null,
    stallThreshold: threshold(median),
    live,
    document: all.length === 0 && !live,
  };
}

function entropyOf(text: string, index: number): number {
  const parts = alternativesOf(text, index).map(({ logprob }) => Math.exp(logprob));
  const left = Math.max(0, 1 - parts.reduce((sum, part) => sum + part, 0));
  return [...parts, left].reduce((bits, part) => (part > 0 ? bits - part * Math.log2(part) : bits), 0);
}

function tokensOf(cell: Cell, choice: number): TokensView {
  const none = { tokens: [], perplexity: null, alternatives: 0, choices: [] };
  if (!hasLogprobs(cell)) return { ...none, absent: 'The request did not ask for log probabilities.' };
  const tokens = recordedEvents(cell)
    .filter(({ part }) => part?.channel === 'text' && part.choice === choice)
    .map(({ text, number, at }): Token => ({
      text,
      joined: 1,
      logprob: Math.log(likelihood(number - 1)),
      entropy: entropyOf(text, number - 1),
      event: number,
      at,
    }));
  if (tokens.length === 0) return { ...none, absent: 'The answer carried no log probabilities.' };
  const mean = tokens.reduce((sum, { logprob }) => sum - logprob!, 0) / tokens.length;
  return { tokens, absent: null, perplexity: Math.exp(mean), alternatives: MOST, choices: [0] };
}
