// The part of the memory host that hands work to queues: a batch in every state, one of which goes on by itself.
import type { AppError } from '../../bindings/AppError';
import type { BatchCheck } from '../../bindings/BatchCheck';
import type { BatchFault } from '../../bindings/BatchFault';
import type { BatchJob } from '../../bindings/BatchJob';
import type { BatchMend } from '../../bindings/BatchMend';
import type { BatchNews } from '../../bindings/BatchNews';
import type { BatchPlan } from '../../bindings/BatchPlan';
import type { BatchSource } from '../../bindings/BatchSource';
import type { BatchTrial } from '../../bindings/BatchTrial';
import { newId } from '../../lib/ids';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import type { MemoryOptions } from './options';
import { detailOf, failedLines, idOf, numbersOf, rowsOf } from './batch-rows';
import { checkOf, failuresIn, FIVE_FAULTS, foreignBatches, sampleBatches, type KeptBatch } from './batch-samples';

type BatchCalls =
  | 'batches'
  | 'makeBatch'
  | 'batchCheck'
  | 'mendBatchLine'
  | 'leaveOutFaults'
  | 'planBatch'
  | 'tryBatch'
  | 'batchTrial'
  | 'sendBatch'
  | 'sendBatchAgain'
  | 'cancelBatch'
  | 'askBatchNow'
  | 'dropBatch'
  | 'batchRows'
  | 'batchLines'
  | 'batchRow'
  | 'saveBatch'
  | 'providerBatches'
  | 'adoptBatch'
  | 'watchBatches';

export interface BatchesHost extends Pick<Host, BatchCalls> {
  /** Brings a batch forward by so many rows; the last one ends it. */
  advance(id: string, rows: number): void;
}

const CHECKED_AFTER = 120;
const LIVE_EVERY = 60;
const ASKED_EVERY = 12_000;
/** Rows that are over at the next question. */
const STEP = 16;

const TOO_LONG: AppError = {
  kind: 'rejected',
  status: 400,
  category: 'validation',
  code: 'context_length_exceeded',
  message: 'This model’s maximum context length is 8,192 tokens. Your messages have 9,310.',
  fields: [],
  requestId: 'req_4Lm9',
  retryAfter: null,
  event: null,
  contentType: 'application/json',
  elapsedMs: 140,
  retryable: false,
};

const copy = <T>(value: T): T => structuredClone(value);
const notFound = () => ({ kind: 'notFound' as const, what: 'The batch' });

export function batchesHost(host: MemoryHost, { firstStart, batchRows }: MemoryOptions): BatchesHost {
  const kept = new Map<string, KeptBatch>();
  const foreign = foreignBatches(Date.now());
  let tell: ((news: BatchNews) => void) | null = null;
  for (const one of firstStart ? [] : sampleBatches(Date.now(), batchRows ?? 0)) {
    const { job, period } = one;
    job.counts.failed = failuresIn(job.counts.done, period);
    job.counts.done -= job.counts.failed;
    kept.set(job.id, one);
  }

  const get = (id: string): KeptBatch => {
    const found = kept.get(id);
    if (!found) throw notFound();
    return found;
  };

  function change(id: string, patch: Partial<BatchJob>): BatchJob {
    const found = get(id);
    found.job = { ...found.job, ...patch };
    tell?.({ kind: 'changed', batch: copy(found.job) });
    return copy(found.job);
  }

  function recheck(found: KeptBatch, faults: BatchFault[]): BatchCheck {
    const check = found.check ?? checkOf(found.job.counts.total);
    const left = faults.filter(({ chosen }) => chosen === null || chosen.kind === 'leaveOut').length;
    found.check = { ...check, faults, sent: check.lines - left, tokens: (check.lines - left) * 121 };
    tell?.({ kind: 'check', id: found.job.id, check: copy(found.check) });
    return copy(found.check);
  }

  /** The look at the lines: half of the file is told first. */
  function look(id: string, whole: BatchCheck): void {
    const half = { ...whole, done: false, bytesRead: Math.floor(whole.bytes / 2), faults: [], faultCount: 0 };
    const found = get(id);
    found.check = half;
    setTimeout(() => {
      if (!kept.has(id)) return;
      found.check = whole;
      tell?.({ kind: 'check', id, check: copy(whole) });
      change(id, { counts: { total: whole.lines, done: 0, failed: 0 } });
    }, CHECKED_AFTER);
  }

  async function linesOf(
    source: BatchSource,
  ): Promise<{ lines: string[] | null; count: number; faults: BatchFault[] }> {
    switch (source.kind) {
      case 'text': {
        const lines = source.text.split('\n').filter((line) => line.trim() !== '');
        return { lines, count: lines.length, faults: faultsIn(lines) };
      }
      case 'failures': {
        const from = get(source.batch);
        const failed = failedLines(from);
        const wanted = source.lines ?? failed;
        return { lines: wanted.map((line) => detailOf(from, line).request), count: wanted.length, faults: [] };
      }
      case 'prompt': {
        const { comparison } = source;
        const { dataset } = comparison.draft;
        const table = dataset && !dataset.off ? await host.openDataset(dataset.path) : null;
        const lanes = comparison.lanes.filter(({ muted }) => !muted).length;
        return { lines: null, count: (table ? table.rows - table.bad : 1) * lanes, faults: [] };
      }
      case 'file':
        if (!/\.jsonl?$/.test(source.path))
          throw { kind: 'storage' as const, message: `There is no file ${source.path}.` };
        return { lines: null, count: 5_000, faults: FIVE_FAULTS };
    }
  }

  async function make(source: BatchSource, plan: BatchPlan): Promise<BatchJob> {
    const { lines, count, faults } = await linesOf(source);
    const base = source.kind === 'prompt' ? source.comparison.lanes[0] : null;
    const job: BatchJob = {
      id: newId(),
      name: plan.name,
      connection: plan.connection,
      endpoint: base?.endpoint ?? 'chat',
      model: base?.model ?? 'llama-3.3-70b',
      state: 'draft',
      providerId: null,
      providerState: null,
      counts: { total: count, done: 0, failed: 0 },
      window: plan.window,
      url: plan.url,
      metadata: plan.metadata,
      problem: null,
      retryOf: source.kind === 'failures' ? source.batch : null,
      madeAt: Date.now(),
      sentAt: null,
      endedAt: null,
      nextCheck: null,
      progress: [],
      fetched: false,
    };
    const columns = source.kind === 'prompt' ? ['customer', 'order_id'] : [];
    kept.set(job.id, { job, period: 0, columns, check: null, lines });
    tell?.({ kind: 'changed', batch: copy(job) });
    look(job.id, checkOf(count, faults));
    return copy(job);
  }

  async function send(id: string): Promise<BatchJob> {
    const found = get(id);
    const now = Date.now();
    change(id, { state: 'sending', sentAt: now });
    await Promise.resolve();
    const total = found.check?.sent ?? found.job.counts.total;
    return change(id, {
      state: 'queued',
      problem: null,
      providerId: `batch_${id.slice(0, 8)}`,
      counts: { total, done: 0, failed: 0 },
      progress: [{ at: now, over: 0 }],
      nextCheck: now + ASKED_EVERY,
    });
  }

  function advance(id: string, by: number): void {
    const { job, period } = get(id);
    const { total } = job.counts;
    const over = Math.min(total, job.counts.done + job.counts.failed + by);
    const failed = failuresIn(over, period);
    const now = Date.now();
    const ended = over === total;
    change(id, {
      state: ended ? 'finished' : 'running',
      counts: { total, done: over - failed, failed },
      progress: [...job.progress.slice(-59), { at: now, over }],
      nextCheck: ended ? null : now + ASKED_EVERY,
      endedAt: ended ? now : null,
      fetched: true,
    });
  }

  /** One line after the other is over; every eleventh fails. */
  async function sendLive(id: string, count: number): Promise<BatchTrial> {
    const found = get(id);
    const lines = Math.min(count, found.check?.sent ?? 0);
    const trialOf = (over: number): BatchTrial => {
      const failures = Array.from({ length: Math.floor(over / 11) }, (_, index) => ({
        line: 11 * (index + 1),
        customId: idOf(found, 11 * (index + 1)),
        cell: `${id}-${11 * (index + 1)}`,
        state: { kind: 'failed' } as const,
        error: TOO_LONG,
      }));
      const answered = over - failures.length;
      const known = <T>(value: T) => (answered > 0 ? value : null);
      return {
        ...{ run: `run-${id}`, lines, over, answered, failures },
        ...{ medianTokensOut: known(84), meanTokensOut: known(91.4), medianMilliseconds: known(1_840) },
        ...{ inputRatio: known(1.08), meanCost: known(0.000_21), currency: known('USD') },
      };
    };
    found.trial = trialOf(0);
    const step = (over: number) => {
      if (!kept.has(id)) return;
      found.trial = trialOf(over);
      tell?.({ kind: 'trial', id, trial: copy(found.trial) });
      if (over < lines) setTimeout(step, LIVE_EVERY, over + 1);
    };
    setTimeout(step, LIVE_EVERY, 1);
    return copy(found.trial);
  }

  return {
    advance,
    tryBatch: sendLive,
    async batchTrial(id) {
      return copy(get(id).trial ?? null);
    },
    async batches() {
      return [...kept.values()].map(({ job }) => copy(job));
    },
    makeBatch: make,
    async batchCheck(id) {
      const found = get(id);
      return copy(found.check ?? checkOf(found.job.counts.total));
    },
    async mendBatchLine(id, line, mend: BatchMend | null) {
      const found = get(id);
      const faults = found.check?.faults ?? [];
      return recheck(
        found,
        faults.map((fault) => (fault.line === line ? { ...fault, chosen: mend } : fault)),
      );
    },
    async leaveOutFaults(id) {
      const found = get(id);
      const faults = found.check?.faults ?? [];
      return recheck(
        found,
        faults.map((fault) => ({ ...fault, chosen: fault.chosen ?? { kind: 'leaveOut' } })),
      );
    },
    async planBatch(id, { name, connection, window, url, metadata }) {
      return change(id, get(id).job.state === 'draft' ? { name, connection, window, url, metadata } : { name });
    },
    sendBatch: send,
    sendBatchAgain: send,
    async cancelBatch(id) {
      const { job } = get(id);
      if (job.state === 'queued') return change(id, { state: 'cancelled', endedAt: Date.now(), nextCheck: null });
      setTimeout(() => {
        if (kept.has(id)) change(id, { state: 'cancelled', endedAt: Date.now(), nextCheck: null, fetched: true });
      }, CHECKED_AFTER);
      return change(id, { state: 'cancelling' });
    },
    async askBatchNow(id) {
      const { job } = get(id);
      if (job.state === 'queued' || job.state === 'running') advance(id, STEP);
      return copy(get(id).job);
    },
    async dropBatch(id) {
      kept.delete(id);
      tell?.({ kind: 'gone', id });
    },
    async batchRows(id, query) {
      return rowsOf(get(id), query);
    },
    async batchLines(id, query) {
      return numbersOf(get(id), query);
    },
    async batchRow(id, line) {
      return detailOf(get(id), line);
    },
    async saveBatch(id, path) {
      const found = get(id);
      const lines = Array.from({ length: found.job.counts.total }, (_, index) => idOf(found, index + 1));
      const file = host.files.find((one) => one.path === path);
      if (file) file.text = lines.join('\n');
      return lines.length;
    },
    async providerBatches(connection, _state, cursor) {
      if (connection !== 'scaigrid-eu') return { batches: [], cursor: null };
      const from = Number(cursor ?? 0);
      const known = new Map([...kept.values()].map(({ job }) => [job.providerId, job.id]));
      const page = foreign.slice(from, from + 3);
      return {
        batches: page.map((one) => ({ ...copy(one), known: known.get(one.providerId) ?? null })),
        cursor: from + 3 < foreign.length ? String(from + 3) : null,
      };
    },
    async adoptBatch(connection, providerId) {
      const found = foreign.find((one) => one.providerId === providerId);
      if (!found) throw notFound();
      const { state, counts, window, metadata } = found;
      const at = found.madeAt ?? Date.now();
      const name = metadata[0]?.value ?? providerId;
      const job: BatchJob = {
        ...{ id: newId(), name, connection, endpoint: 'chat', model: null, state, providerId, providerState: null },
        ...{
          counts,
          window,
          url: null,
          metadata,
          problem: null,
          retryOf: null,
          madeAt: at,
          sentAt: at,
          endedAt: found.endedAt,
        },
        ...{ nextCheck: state === 'running' ? Date.now() + ASKED_EVERY : null, progress: [], fetched: true },
      };
      kept.set(job.id, { job, period: 0, columns: [], check: null, lines: null });
      tell?.({ kind: 'changed', batch: copy(job) });
      return copy(job);
    },
    async watchBatches(onNews) {
      tell = onNews;
      setInterval(() => {
        for (const { job } of kept.values())
          if (job.nextCheck !== null && job.nextCheck <= Date.now() && ['queued', 'running'].includes(job.state))
            advance(job.id, STEP);
      }, 1_000);
    },
  };
}

/** What the plainest look finds. */
function faultsIn(lines: readonly string[]): BatchFault[] {
  const seen = new Map<string, number>();
  return lines.flatMap((text, index): BatchFault[] => {
    const line = index + 1;
    const plain = {
      line,
      from: 0,
      to: Math.min(200, text.length),
      excerpt: text.slice(0, 200),
      mend: null,
      chosen: null,
    };
    let id: unknown;
    try {
      id = (JSON.parse(text) as { custom_id?: unknown }).custom_id;
    } catch {
      return [{ ...plain, kind: 'json', message: 'this is not JSON' }];
    }
    if (typeof id !== 'string') return [{ ...plain, kind: 'missingId', message: 'has no custom_id' }];
    const first = seen.get(id);
    if (first === undefined) seen.set(id, line);
    return first === undefined
      ? []
      : [{ ...plain, kind: 'duplicateId', message: `${id} is first used on line ${first}` }];
  });
}
