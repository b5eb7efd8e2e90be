/**
 * Feeds a page outside of the app: makes the batches that the engine would make, in a worker, so that what is measured
 * is the page alone. Text comes from a generator, or from a server that streams chat deltas.
 */
import type { Append } from '../bindings/Append';
import type { Batch } from '../bindings/Batch';
import { sampleMarkdown } from '../markdown/sample';

export interface FeedOrder {
  kind: 'start';
  cells: { id: string; run: string }[];
  /** Tokens a second for each lane; 0 is as fast as the page acknowledges. */
  rate: number;
  tokens: number;
  /** Address of a server that streams chat deltas; `null` generates. */
  url: string | null;
}
export type FeedMessage = FeedOrder | { kind: 'acknowledge'; number: number } | { kind: 'stop' };

export type FeedNews =
  | { kind: 'batch'; json: string }
  | { kind: 'first'; at: number }
  | {
      kind: 'last';
      at: number;
      cells: { id: string; sequence: number; characters: number; events: number; took: number }[];
    };

const MAX_BATCH_BYTES = 7_000;
const MAX_IN_FLIGHT = 8;
const EVERY = 16;
const TOKEN = 5;

interface Lane {
  id: string;
  run: string;
  text: string;
  sent: number;
  total: number;
  done: boolean;
  sequence: number;
  events: number;
  /** Arrivals that have not been sent. */
  arrivals: number[];
  took: number;
}

let lanes: Lane[] = [];
let order: FeedOrder | null = null;
let began = 0;
let number = 0;
let acknowledged = 0;
let timer: ReturnType<typeof setInterval> | undefined;
let first = true;
let ended = false;

const post = (news: FeedNews) => (self as unknown as Worker).postMessage(news);
const absolute = () => performance.timeOrigin + performance.now();

self.onmessage = ({ data }: MessageEvent<FeedMessage>) => {
  if (data.kind === 'start') start(data);
  else if (data.kind === 'acknowledge') {
    acknowledged = data.number;
    if (order?.rate === 0) pump();
  } else stop();
};

function start(next: FeedOrder): void {
  order = next;
  began = performance.now();
  lanes = next.cells.map((cell, index) => ({
    ...cell,
    text: next.url ? '' : sampleMarkdown(next.tokens * TOKEN, 11 + index),
    sent: 0,
    total: next.url ? 0 : next.tokens * TOKEN,
    done: next.url === null,
    sequence: 0,
    events: 0,
    arrivals: [],
    took: 0,
  }));
  if (next.url) for (const lane of lanes) void read(lane, next.url, next.tokens);
  timer = setInterval(pump, EVERY);
  pump();
}

function stop(): void {
  clearInterval(timer);
  order = null;
}

function pump(): void {
  if (!order || ended) return;
  const now = performance.now() - began;
  do {
    const batch = makeBatch(now);
    if (!batch) break;
    if (first) {
      first = false;
      post({ kind: 'first', at: absolute() });
    }
    post({ kind: 'batch', json: JSON.stringify(batch) });
  } while (number - acknowledged < MAX_IN_FLIGHT);
  if (lanes.every((lane) => lane.done && lane.sent >= lane.total)) {
    ended = true;
    clearInterval(timer);
    const cells = lanes.map(({ id, sequence, sent, events, took }) => ({
      id,
      sequence,
      characters: sent,
      events,
      took,
    }));
    post({ kind: 'last', at: absolute(), cells });
  }
}

function makeBatch(now: number): Batch | null {
  if (number - acknowledged >= MAX_IN_FLIGHT) return null;
  const share = Math.floor(MAX_BATCH_BYTES / lanes.length / 2.6);
  const updates: Batch['updates'] = [];
  for (const lane of lanes) {
    const due =
      order!.url || order!.rate === 0
        ? lane.total
        : Math.min(lane.total, Math.floor((now / 1000) * order!.rate) * TOKEN);
    const text = lane.text.slice(lane.sent, Math.min(due, lane.sent + share));
    if (text === '') continue;
    lane.sent += text.length;
    let arrivals: number[];
    if (order!.url) arrivals = lane.arrivals.splice(0, 200);
    else
      arrivals = Array.from(
        { length: Math.ceil(text.length / TOKEN) },
        (_, index) => Math.round((now + index * 0.01) * 1000) / 1000,
      );
    lane.events += arrivals.length;
    lane.took = now;
    const append: Append = { kind: 'text', choice: 0, text };
    lane.sequence += 1;
    updates.push({ cell: lane.id, run: lane.run, sequence: lane.sequence, appends: [append], arrivals });
  }
  if (updates.length === 0) return null;
  number += 1;
  return { number, updates };
}

/** Reads `data:` lines of chat deltas; enough for a paced server of our own, not a parser. */
async function read(lane: Lane, url: string, tokens: number): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'bench',
      stream: true,
      max_tokens: tokens,
      messages: [{ role: 'user', content: 'go' }],
    }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += value;
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith('data:') || line.includes('[DONE]')) continue;
      const delta = JSON.parse(line.slice(5)).choices?.[0]?.delta?.content;
      if (typeof delta !== 'string') continue;
      lane.text += delta;
      lane.total += delta.length;
      lane.arrivals.push(Math.round((performance.now() - began) * 1000) / 1000);
    }
  }
  lane.done = true;
}
