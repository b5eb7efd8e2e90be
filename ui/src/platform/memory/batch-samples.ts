// The batches that the host in memory begins with: one in every state that there is.
import type { BatchCheck } from '../../bindings/BatchCheck';
import type { BatchFault } from '../../bindings/BatchFault';
import type { BatchJob } from '../../bindings/BatchJob';
import type { BatchProgress } from '../../bindings/BatchProgress';
import type { BatchState } from '../../bindings/BatchState';
import type { BatchTrial } from '../../bindings/BatchTrial';
import type { ProviderBatch } from '../../bindings/ProviderBatch';

/** A batch with all that its rows are made from. */
export interface KeptBatch {
  job: BatchJob;
  /** Every so many lines one fails; 0 for none. */
  period: number;
  columns: string[];
  check: BatchCheck | null;
  /** The lines as they were given, where they were. */
  lines: string[] | null;
  /** What came of the lines that were sent live. */
  trial?: BatchTrial;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How many of the first `over` lines failed. */
export function failuresIn(over: number, period: number): number {
  return period === 0 || over < 3 ? 0 : Math.floor((over - 3) / period) + 1;
}

export function isFailing(line: number, period: number): boolean {
  return period > 0 && line >= 3 && (line - 3) % period === 0;
}

function job(id: string, name: string, state: BatchState, total: number, over: number, more: Partial<BatchJob>) {
  return {
    id,
    name,
    connection: 'scaigrid-eu',
    endpoint: 'chat' as const,
    model: 'llama-3.3-70b',
    state,
    providerId: `batch_01${id.toUpperCase().replace(/[^A-Z0-9]/g, '')}`,
    providerState: null,
    counts: { total, done: over, failed: 0 },
    window: '24h',
    url: null,
    metadata: [],
    problem: null,
    retryOf: null,
    madeAt: 0,
    sentAt: null,
    endedAt: null,
    nextCheck: null,
    progress: [],
    fetched: over > 0,
    ...more,
  } satisfies BatchJob;
}

/** Eighteen minutes at about 81 rows in each, with a dip on the way. */
function progressTo(over: number, now: number): BatchProgress[] {
  const points = 44;
  const pace = (index: number) => 30 + 6 * Math.sin(index / 5) - (index > 19 && index < 25 ? 16 : 0);
  const whole = Array.from({ length: points }, (_, index) => pace(index)).reduce((sum, one) => sum + one, 0);
  let rows = 0;
  return Array.from({ length: points + 1 }, (_, index) => {
    const at = now - ((points - index) * 18 * MINUTE) / points;
    const point = { at, over: Math.round((rows / whole) * over) };
    rows += pace(index);
    return point;
  });
}

export const FIVE_FAULTS: BatchFault[] = [
  fault(118, 'json', '{"custom_id":"t-0117","method":"POST",,"url":"/v1/inference/chat"', ',,', 'a comma too many', {
    kind: 'replace',
    label: 'Remove comma',
    text: '{"custom_id":"t-0117","method":"POST","url":"/v1/inference/chat","body":{"model":"llama-3.3-70b","messages":[]}}',
  }),
  fault(904, 'duplicateId', '"custom_id":"t-0311"', '"t-0311"', 'first used on line 312', {
    kind: 'replace',
    label: 'Rename',
    text: '{"custom_id":"t-0311-2","method":"POST","url":"/v1/inference/chat","body":{"model":"llama-3.3-70b","messages":[]}}',
  }),
  fault(1_733, 'endpoint', '"url":"/v1/inference/embed"', '"/v1/inference/embed"', 'in a batch of /v1/inference/chat'),
  fault(
    2_950,
    'tooLong',
    '"content":"Warranty terms, all countries',
    '"content"',
    '≈ 141,200 tokens in, llama-3.3-70b takes 131,072',
  ),
  fault(4_411, 'missingField', '"body":{"model":"llama-3.3-70b"}', '"body"', 'has no messages'),
];

function fault(
  line: number,
  kind: BatchFault['kind'],
  excerpt: string,
  marked: string,
  message: string,
  mend: BatchFault['mend'] = null,
): BatchFault {
  const from = excerpt.indexOf(marked);
  return { line, kind, excerpt, from, to: from + marked.length, message, mend, chosen: null };
}

export function checkOf(lines: number, faults: BatchFault[] = [], notes: string[] = []): BatchCheck {
  const bytes = lines * 412;
  return {
    bytes,
    bytesRead: bytes,
    lines,
    sent: lines - faults.length,
    tokens: lines * 121,
    milliseconds: Math.max(1, Math.round(lines * 0.16)),
    done: true,
    faults: structuredClone(faults),
    faultCount: faults.length,
    notes,
  };
}

export function sampleBatches(now: number, rows: number): KeptBatch[] {
  const tickets = ['customer', 'order_id'];
  const total = rows > 0 ? rows : 2_000;
  const over = Math.round(total * 0.7355);
  const past = (days: number, hour: number) => now - days * DAY + hour * HOUR;
  const finished = (id: string, name: string, count: number, period: number, at: number): KeptBatch => ({
    job: job(id, name, 'finished', count, count, { madeAt: at, sentAt: at, endedAt: at + 31 * MINUTE, fetched: true }),
    period,
    columns: tickets,
    check: null,
    lines: null,
  });
  const plain = (made: BatchJob, more: Partial<KeptBatch> = {}): KeptBatch => ({
    job: made,
    period: 0,
    columns: [],
    check: null,
    lines: null,
    ...more,
  });
  return [
    plain(
      job('jd5v2e', 'Refund replies, March tickets', 'running', total, over, {
        madeAt: now - 19 * MINUTE,
        sentAt: now - 18 * MINUTE,
        nextCheck: now + 12_000,
        progress: progressTo(over, now),
        metadata: [{ name: 'team', value: 'Après-vente “NL”' }],
      }),
      { period: Math.floor(total / 11.7), columns: tickets },
    ),
    plain(
      job('jd5v9k', 'Warranty triage, full export', 'draft', 5_000, 0, {
        providerId: null,
        madeAt: now - 2 * MINUTE,
        fetched: false,
      }),
      { check: checkOf(5_000, FIVE_FAULTS) },
    ),
    plain(
      job('jd5va1', 'Warranty triage, second half', 'queued', 5_000, 0, {
        madeAt: now - 3 * MINUTE,
        sentAt: now - 2 * MINUTE,
        nextCheck: now + 21_000,
      }),
    ),
    plain(
      job('jd5u07', 'Product texts, Swedish', 'unknown', 320, 0, {
        providerId: null,
        madeAt: now - 50 * MINUTE,
        sentAt: now - 48 * MINUTE,
        problem: {
          kind: 'network',
          stage: 'reset',
          host: 'eu.scaigrid.example',
          port: 443,
          message: 'The connection was closed before an answer came.',
          elapsedMs: 30_002,
          certificates: [],
        },
      }),
    ),
    finished('jd4q11', 'Invoice lines, 2025 Q1', 200, 66, past(1, 2)),
    finished('jd4p02', 'Tone checks, German', 400, 0, past(1, -3)),
    plain(
      job('jd3m55', 'Meeting actions, pilot', 'cancelled', 200, 118, {
        madeAt: past(2, 1),
        sentAt: past(2, 1),
        endedAt: past(2, 2),
        fetched: true,
      }),
      { columns: ['meeting'] },
    ),
    finished('jd3k80', 'Refund replies, February', 2_000, 171, past(2, -7)),
    plain(
      job('jd1a09', 'Embeddings, help centre', 'refused', 880, 0, {
        endpoint: 'embed',
        model: 'text-embedding-3-small',
        madeAt: past(6, 0),
        sentAt: past(6, 0),
        endedAt: past(6, 0),
        problem: {
          kind: 'rejected',
          status: 400,
          category: 'validation',
          code: 'INVALID_INPUT_FILE',
          message: 'Line 12: duplicate custom_id “h-0011”. The file was not accepted.',
          fields: [],
          requestId: 'req_7Qm2v0aL',
          retryAfter: null,
          event: null,
          contentType: null,
          elapsedMs: 812,
          retryable: false,
        },
      }),
    ),
    plain(
      job('jd0z31', 'Glossary, 40 languages', 'expired', 4_000, 3_112, {
        model: 'mistral-small-3',
        window: '1h',
        madeAt: past(7, 0),
        sentAt: past(7, 0),
        endedAt: past(7, 1),
        fetched: true,
      }),
      { columns: ['term', 'language'], period: 700 },
    ),
    finished('jd0x12', 'Tone checks, French', 400, 0, past(8, 1)),
    finished('jd0w40', 'Warranty triage, sample', 50, 0, past(8, 0)),
  ];
}

/** What the provider has that was made elsewhere. */
export function foreignBatches(now: number): ProviderBatch[] {
  return ['nightly-labels', 'nightly-labels', 'eval-set-7', 'search-terms', 'zkušební provoz'].map(
    (project, index) => ({
      providerId: `batch_01HX${String(index).padStart(4, '0')}`,
      state: index === 0 ? 'running' : 'finished',
      providerState: index === 0 ? 'in_progress' : 'completed',
      counts: { total: 1_200, done: index === 0 ? 640 : 1_200, failed: 0 },
      window: '24h',
      metadata: [{ name: 'project', value: project }],
      madeAt: now - (index + 9) * DAY,
      endedAt: index === 0 ? null : now - (index + 9) * DAY + HOUR,
      known: null,
      problem: null,
    }),
  );
}
