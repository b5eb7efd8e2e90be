// The part of the memory host that serves the history: the same questions as the app's, over a list in memory.
import type { Cell } from '../../bindings/Cell';
import type { FacetGroup } from '../../bindings/FacetGroup';
import type { FilterHelp } from '../../bindings/FilterHelp';
import type { QueryProblem } from '../../bindings/QueryProblem';
import type { Run } from '../../bindings/Run';
import type { RunSummary } from '../../bindings/RunSummary';
import type { SearchRow } from '../../bindings/SearchRow';
import { fold, markHits, termsOf, type Term } from '../../lib/hits';
import { filterText, hasFilter, queryParts, type QueryPart } from '../../lib/query-text';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { madeCall, madeRun, type MadeCall } from './made-runs';

export interface HistoryHost extends Pick<
  Host,
  'search' | 'searchFacets' | 'searchHelp' | 'starRun' | 'noteRun' | 'deleteRuns' | 'undeleteRuns' | 'totals'
> {
  /** A made-up run by its id. */
  madeRun(id: string): Run | null;
}

interface Entry {
  row: Omit<SearchRow, 'snippet'>;
  texts: Record<'prompt' | 'answer' | 'reasoning' | 'error' | 'headers', string>;
  has: ReadonlySet<string>;
}

const day = 86_400_000;

const help: FilterHelp[] = [
  { filter: 'model:', example: 'model:gpt-4o', meaning: 'The name of the model contains this' },
  { filter: 'connection:', example: 'connection:"Scale prod"', meaning: 'The name of the connection contains this' },
  {
    filter: 'status:',
    example: 'status:failed',
    meaning: 'A state such as finished or stopped, or a status such as 422 or 4xx',
  },
  { filter: 'endpoint:', example: 'endpoint:chat', meaning: 'The kind of call' },
  { filter: 'cost>', example: 'cost>0.02', meaning: 'Costs more than this' },
  { filter: 'cost<', example: 'cost<0.02', meaning: 'Costs less than this' },
  { filter: 'ttft>', example: 'ttft>500', meaning: 'Took longer to the first token, milliseconds' },
  { filter: 'ttft<', example: 'ttft<500', meaning: 'Took less time to the first token, milliseconds' },
  { filter: 'tokens>', example: 'tokens>1000', meaning: 'Answered with more tokens' },
  { filter: 'before:', example: 'before:2026-11-21', meaning: 'Began before this day' },
  { filter: 'after:', example: 'after:7d', meaning: 'Began on this day or later' },
  { filter: 'has:tool', example: 'has:tool', meaning: 'The answer calls a tool' },
  { filter: 'has:error', example: 'has:error', meaning: 'The call failed' },
  { filter: 'has:reasoning', example: 'has:reasoning', meaning: 'The answer has reasoning' },
  { filter: 'is:starred', example: 'is:starred', meaning: 'The run has a star' },
  { filter: 'in:answer', example: 'in:answer', meaning: 'Look for the words in answers only' },
  { filter: 'in:prompt', example: 'in:prompt', meaning: 'Look for the words in prompts only' },
  { filter: 'in:reasoning', example: 'in:reasoning', meaning: 'Look for the words in reasoning only' },
  { filter: 'note:', example: 'note:"to check"', meaning: 'The note of the run contains this' },
];
const names = new Set(help.map(({ filter }) => filter.replace(/:.*/, ':')));

const within = (text: string, wanted: string) => fold(text).includes(fold(wanted));

function dayOf(value: string, now: number): number | null {
  const today = new Date(now).setHours(0, 0, 0, 0);
  if (value === 'today') return today;
  if (value === 'yesterday') return today - day;
  const ago = /^(\d+)d$/.exec(value);
  if (ago) return today - Number(ago[1]) * day;
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  return date ? new Date(Number(date[1]), Number(date[2]) - 1, Number(date[3])).getTime() : null;
}

function statusFits(row: Entry['row'], value: string): boolean {
  const wanted = value.toLowerCase();
  if (/^\dxx$/.test(wanted)) return String(row.status ?? '').startsWith(wanted.charAt(0));
  return wanted === row.state.toLowerCase() || wanted === String(row.status);
}

type Fits = (entry: Entry, value: string) => boolean;
const more =
  (read: (row: Entry['row']) => number | null, sign: 1 | -1): Fits =>
  ({ row }, value) => {
    const known = read(row);
    return known !== null && (known - Number(value)) * sign > 0;
  };

const fits: Record<string, Fits> = {
  'model:': ({ row }, value) => within(row.model, value),
  'connection:': ({ row }, value) => within(row.connection, value),
  'status:': ({ row }, value) => statusFits(row, value),
  'endpoint:': ({ row }, value) => row.endpoint === value,
  'cost>': more((row) => row.cost, 1),
  'cost<': more((row) => row.cost, -1),
  'ttft>': more((row) => row.timeToFirstToken, 1),
  'ttft<': more((row) => row.timeToFirstToken, -1),
  'tokens>': more((row) => row.visibleTokens, 1),
  'before:': ({ row }, value) => row.startedAt < (dayOf(value, Date.now()) ?? Infinity),
  'after:': ({ row }, value) => row.startedAt >= (dayOf(value, Date.now()) ?? 0),
  'has:': ({ row, has }, value) => has.has(value) || (value === 'note' && row.note !== ''),
  'is:': ({ row }, value) => value === 'starred' && row.starred,
  'note:': ({ row }, value) => row.note !== '' && within(row.note, value),
};

interface Query {
  terms: Term[];
  without: Term[];
  fields: (keyof Entry['texts'])[];
  filters: Map<string, QueryPart[]>;
  problems: QueryProblem[];
}

function read(text: string): Query {
  const query: Query = { terms: termsOf(text), without: [], fields: [], filters: new Map(), problems: [] };
  for (const part of queryParts(text)) {
    if (part.kind !== 'filter') {
      if (part.negated) query.without.push(...termsOf(`"${part.value}"`));
      continue;
    }
    const wrong = problemOf(part);
    if (wrong) query.problems.push({ start: part.start, end: part.end, message: wrong });
    else if (part.name === 'in:') query.fields.push(part.value as keyof Entry['texts']);
    else if (part.value !== '') query.filters.set(part.name, [...(query.filters.get(part.name) ?? []), part]);
  }
  return query;
}

function problemOf({ name, value }: QueryPart): string | null {
  if (!names.has(name)) return `No filter is called ${name}`;
  if (/[<>]/.test(name) && value !== '' && Number.isNaN(Number(value))) return `${name} wants a number`;
  if ((name === 'before:' || name === 'after:') && value !== '' && dayOf(value, Date.now()) === null)
    return `${name} wants a date such as 2026-11-21, today or 7d`;
  return null;
}

function matches(entry: Entry, query: Query, leaveOut?: string): boolean {
  for (const [name, parts] of query.filters) {
    if (name === leaveOut) continue;
    const test = fits[name];
    if (!test) continue;
    const wanted = parts.filter(({ negated }) => !negated);
    if (wanted.length > 0 && !wanted.some(({ value }) => test(entry, value))) return false;
    if (parts.some(({ negated, value }) => negated && test(entry, value))) return false;
  }
  if (query.terms.length === 0 && query.without.length === 0) return true;
  const texts = textsOf(entry, query.fields);
  const found = (term: Term) => texts.some((text) => markHits(text, [term]).some(({ hit }) => hit));
  return query.terms.every(found) && !query.without.some(found);
}

function textsOf(entry: Entry, fields: Query['fields']): string[] {
  const all = fields.length > 0 ? fields.map((field) => entry.texts[field]) : Object.values(entry.texts);
  return fields.length > 0 ? all : [...all, entry.row.name, entry.row.model, entry.row.note];
}

function snippet(entry: Entry, query: Query): SearchRow['snippet'] {
  const { answer, error, prompt, reasoning } = entry.texts;
  const begin = (answer || error || prompt).replaceAll(/\s+/g, ' ').slice(0, 160);
  for (const text of query.terms.length > 0 ? [answer, prompt, reasoning, error] : []) {
    const flat = text.replaceAll(/\s+/g, ' ');
    const parts = markHits(flat, query.terms);
    const at = parts.findIndex(({ hit }) => hit);
    if (at < 0) continue;
    const place = parts.slice(0, at).reduce((sum, part) => sum + part.text.length, 0);
    const from = place > 40 ? flat.indexOf(' ', place - 30) + 1 : 0;
    return markHits(`${from > 0 ? '…' : ''}${flat.slice(from, from + 140)}`, query.terms);
  }
  return [{ text: begin, hit: false }];
}

export function historyHost(host: MemoryHost, count = 0): HistoryHost {
  const now = Date.now();
  const calls = new Map<string, MadeCall>();
  const deleted = host.deletedRuns;
  const kept = new Map<string, Pick<RunSummary, 'starred' | 'note'>>();
  const removed = new Map<string, RunSummary>();
  let made: Entry[] | null = null;

  const keeping = (run: string) => kept.get(run) ?? { starred: false, note: '' };

  function madeEntries(): Entry[] {
    made ??= Array.from({ length: count }, (_, index): Entry => {
      const call = madeCall(index, count, now);
      calls.set(call.run, call);
      return {
        row: {
          cell: call.cell,
          run: call.run,
          name: call.name,
          laneIndex: 0,
          lanes: 1,
          repeat: 0,
          startedAt: call.startedAt,
          state: call.state,
          status: call.status,
          connection: call.connectionName,
          model: call.model,
          endpoint: 'chat',
          timeToFirstToken: call.firstToken,
          visibleTokens: call.tokens,
          cost: call.cost,
          currency: call.cost === null ? null : 'USD',
          starred: false,
          note: '',
        },
        texts: { prompt: call.prompt, answer: call.answer, reasoning: '', error: call.error, headers: '' },
        has: new Set(call.state === 'failed' ? ['error'] : []),
      };
    });
    return made;
  }

  function entryOf(cell: Cell, summary: RunSummary): Entry {
    const [choice] = cell.outcome.choices;
    const message = cell.error && 'message' in cell.error ? cell.error.message : '';
    const tools = choice?.toolCalls ?? [];
    return {
      row: {
        cell: cell.id,
        run: summary.id,
        name: summary.name,
        laneIndex: cell.laneIndex,
        lanes: summary.lanes,
        repeat: cell.repeat,
        startedAt: cell.startedAt ?? summary.startedAt,
        state: cell.state.kind,
        status: cell.head?.status ?? null,
        connection: cell.connectionName,
        model: cell.model,
        endpoint: cell.endpoint,
        timeToFirstToken: cell.metrics.timeToFirstToken,
        visibleTokens: cell.metrics.visibleTokens,
        cost: cell.metrics.cost?.amount ?? null,
        currency: cell.metrics.cost?.currency ?? null,
        starred: false,
        note: '',
      },
      texts: {
        prompt: cell.request?.body ?? '',
        answer: choice?.text ?? '',
        reasoning: choice?.reasoning ?? '',
        error: message,
        headers: (cell.head?.headers ?? []).map(({ name, value }) => `${name}: ${value}`).join('\n'),
      },
      has: new Set([
        ...(cell.error ? ['error'] : []),
        ...(tools.length > 0 ? ['tool'] : []),
        ...(choice?.reasoning ? ['reasoning'] : []),
      ]),
    };
  }

  async function entries(): Promise<Entry[]> {
    const runs = await Promise.all(host.runRows.map(({ id }) => host.openRun(id)));
    const own = runs.flatMap((run) => run.cells.map((cell) => entryOf(cell, run.summary)));
    return [...own, ...madeEntries()]
      .filter(({ row }) => !deleted.has(row.run))
      .map((entry) =>
        kept.has(entry.row.run) ? { ...entry, row: { ...entry.row, ...keeping(entry.row.run) } } : entry,
      )
      .sort((a, b) => b.row.startedAt - a.row.startedAt);
  }

  const counted = (
    found: readonly Entry[],
    labels: readonly [string, string][],
    test: Fits,
    filter: string,
    text: string,
  ) =>
    labels.map(([label, value]) => ({
      label,
      filter: filterText(filter, value),
      count: found.filter((entry) => test(entry, value)).length,
      chosen: hasFilter(text, filterText(filter, value)),
    }));

  function facets(all: readonly Entry[], text: string): FacetGroup[] {
    const query = read(text);
    const group = (
      title: string,
      name: string,
      labels: (found: readonly Entry[]) => [string, string][],
    ): FacetGroup => {
      const found = all.filter((entry) => matches(entry, query, name));
      return { title, values: counted(found, labels(found), fits[name] ?? (() => false), name, text) };
    };
    const distinct = (found: readonly Entry[], of: (row: Entry['row']) => string): [string, string][] =>
      [...new Set(found.map(({ row }) => of(row)))].slice(0, 12).map((value) => [value, value]);
    return [
      group('Result', 'status:', () => [
        ['Finished', 'finished'],
        ['Failed', 'failed'],
        ['Stopped', 'stopped'],
      ]),
      group('Kind', 'endpoint:', () => [['Chat', 'chat']]),
      group('Model', 'model:', (found) => distinct(found, (row) => row.model)),
      group('Connection', 'connection:', (found) => distinct(found, (row) => row.connection)),
      {
        title: 'Kept',
        values: [
          ...group('', 'is:', () => [['Starred', 'starred']]).values,
          ...group('', 'has:', () => [['Has a note', 'note']]).values,
        ],
      },
    ];
  }

  return {
    async search({ text, limit, after }) {
      const began = performance.now();
      const query = read(text);
      const all = (await entries()).filter((entry) => matches(entry, query));
      const from = after === null ? 0 : all.findIndex(({ row }) => row.cell === after) + 1;
      const rows = all.slice(from, from + limit).map((entry) => ({ ...entry.row, snippet: snippet(entry, query) }));
      return { rows, more: from + limit < all.length, took: performance.now() - began, problems: query.problems };
    },
    async searchFacets(text, offset) {
      const all = await entries();
      const query = read(text);
      const days = new Map<number, { calls: number; matches: number }>();
      let found = 0;
      for (const entry of all) {
        const local = entry.row.startedAt + offset * 60_000;
        const start = Math.floor(local / day) * day - offset * 60_000;
        const one = days.get(start) ?? { calls: 0, matches: 0 };
        const hit = matches(entry, query);
        one.calls += 1;
        if (hit) one.matches += 1;
        if (hit) found += 1;
        days.set(start, one);
      }
      return {
        groups: facets(all, text),
        days: [...days].sort(([a], [b]) => a - b).map(([at, one]) => ({ day: at, ...one })),
        matches: found,
        capped: false,
        total: all.length,
        bytes: all.length * 23_000,
        pending: host.indexing,
      };
    },
    async searchHelp() {
      return help;
    },
    async starRun(run, starred) {
      kept.set(run, { ...keeping(run), starred });
      host.runRows = host.runRows.map((row) => (row.id === run ? { ...row, starred } : row));
    },
    async noteRun(run, note) {
      kept.set(run, { ...keeping(run), note });
      host.runRows = host.runRows.map((row) => (row.id === run ? { ...row, note } : row));
    },
    async deleteRuns(runs) {
      for (const id of runs) {
        const row = host.runRows.find((known) => known.id === id);
        if (row) removed.set(id, row);
        deleted.add(id);
      }
      host.runRows = host.runRows.filter(({ id }) => !deleted.has(id));
    },
    async undeleteRuns(runs) {
      for (const id of runs) {
        const row = removed.get(id);
        deleted.delete(id);
        removed.delete(id);
        if (row) host.runRows = [...host.runRows, row].sort((a, b) => b.startedAt - a.startedAt);
      }
    },
    async totals(since) {
      const rows = (await entries()).map(({ row }) => row).filter(({ startedAt }) => startedAt >= since);
      const amount = rows.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
      return {
        calls: rows.length,
        tokens: rows.reduce((sum, { visibleTokens }) => sum + (visibleTokens === null ? 0 : visibleTokens + 151), 0),
        costs: amount > 0 ? [{ currency: 'USD', amount }] : [],
        unpriced: rows.filter(({ cost, state }) => cost === null && state === 'finished').length,
      };
    },
    madeRun(id) {
      madeEntries();
      const call = calls.get(id);
      if (!call) return null;
      const run = madeRun(host, call);
      return { ...run, summary: { ...run.summary, ...keeping(id) } };
    },
  };
}
