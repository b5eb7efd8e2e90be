// The joined rows of the host in memory: made from the number of their line, so that fifty thousand take no room.
import type { BatchColumn } from '../../bindings/BatchColumn';
import type { BatchLines } from '../../bindings/BatchLines';
import type { BatchRow } from '../../bindings/BatchRow';
import type { BatchRowDetail } from '../../bindings/BatchRowDetail';
import type { BatchRows } from '../../bindings/BatchRows';
import type { BatchRowsQuery } from '../../bindings/BatchRowsQuery';
import { isFailing, type KeptBatch } from './batch-samples';

const PEOPLE = ['Maren', 'Jonas', 'Aylin', 'Piotr', 'Chidi', 'Sofía', 'Wei', 'Ingrid', '美咲', 'Noor', 'Elif', 'נועה'];
const ANSWERS = [
  'I’m sorry your rear light stopped charging after seven weeks. It is within warranty, so a refund is yours.',
  'this order is within warranty, so a new strap is on us. Please reply with your postal address and we will send it.',
  'thank you for the photo. The order qualifies for a replacement. Please confirm the address on your account.',
  'your front light can be repaired free of charge. Please print the label attached to this message.',
  'the order is still with us, so I can change the address before it is packed. Reply with the “new” one, or C:\\temp.',
];
const FAILURES = [
  { status: 429, words: '429 rate_limited. Retry-After: 7', milliseconds: 212 },
  { status: 500, words: '500 upstream_error from eu-w-03', milliseconds: 30_002 },
  { status: 422, words: '422 messages.1.content: field required', milliseconds: 164 },
];

/** The first of the lines that has an answer already, and all that come after it. */
function stateOf({ job, period }: KeptBatch, line: number): BatchRow['state'] {
  if (line <= job.counts.done + job.counts.failed) return isFailing(line, period) ? 'failed' : 'done';
  return ['finished', 'cancelled', 'expired', 'refused'].includes(job.state) ? 'missing' : 'waiting';
}

function textOf(kept: KeptBatch, line: number): string {
  const person = PEOPLE[line % PEOPLE.length] ?? '';
  return `Hello ${person}, ${ANSWERS[line % ANSWERS.length]} (NL-${20_000 + line})`;
}

export function idOf(kept: KeptBatch, line: number): string {
  const given = kept.lines?.[line - 1];
  const found = given === undefined ? null : /"custom_id"\s*:\s*"([^"]*)"/.exec(given);
  return found?.[1] ?? `t-${String(line).padStart(4, '0')}`;
}

function rowOf(kept: KeptBatch, line: number): BatchRow {
  const state = stateOf(kept, line);
  const failure = FAILURES[line % FAILURES.length]!;
  const values = [PEOPLE[line % PEOPLE.length] ?? '', `NL-${20_000 + line}`];
  return {
    line,
    customId: idOf(kept, line),
    cells: kept.columns.map((_, index) => values[index] ?? ''),
    state,
    status: state === 'done' ? 200 : state === 'failed' ? failure.status : null,
    result: state === 'done' ? textOf(kept, line) : state === 'failed' ? failure.words : '',
    tokensOut: state === 'done' ? 60 + ((line * 37) % 45) : null,
    milliseconds: state === 'done' ? 1_100 + ((line * 7_919) % 900) : state === 'failed' ? failure.milliseconds : null,
  };
}

const VALUES: Record<BatchColumn, (row: BatchRow) => number | string> = {
  line: ({ line }) => line,
  customId: ({ customId }) => customId,
  status: ({ status }) => status ?? Infinity,
  result: ({ result }) => result,
  tokens: ({ tokensOut }) => tokensOut ?? Infinity,
  milliseconds: ({ milliseconds }) => milliseconds ?? Infinity,
};

function isFailure({ state }: BatchRow): boolean {
  return state === 'failed' || state === 'missing';
}

function foundBy(kept: KeptBatch, { tab, text, sort, descending }: BatchRowsQuery) {
  // A draft has no rows before the file is written that is sent.
  const lines = kept.job.state === 'draft' ? 0 : kept.job.counts.total;
  const all = Array.from({ length: lines }, (_, index) => rowOf(kept, index + 1));
  const failures = all.filter(isFailure);
  const wanted = text.toLowerCase();
  const found = (tab === 'failures' ? failures : [...all]).filter(
    ({ customId, cells, result }) =>
      wanted === '' || [customId, result, ...cells].some((one) => one.toLowerCase().includes(wanted)),
  );
  const value = VALUES[sort];
  found.sort((one, other) => {
    const [left, right] = [value(one), value(other)];
    const order = left < right ? -1 : left > right ? 1 : one.line - other.line;
    return descending ? -order : order;
  });
  return { all, failures, found };
}

export function rowsOf(kept: KeptBatch, query: BatchRowsQuery): BatchRows {
  const { all, failures, found } = foundBy(kept, query);
  return {
    rows: found.slice(query.from, query.from + Math.min(1_000, query.count)),
    total: found.length,
    results: all.filter(({ state }) => state === 'done' || state === 'failed').length,
    failures: failures.length,
    requests: all.length,
    columns: kept.columns,
    strays: [],
  };
}

export function numbersOf(kept: KeptBatch, query: BatchRowsQuery): BatchLines {
  const rows = foundBy(kept, query).found.slice(query.from, query.from + query.count);
  return { lines: rows.map(({ line }) => line), failed: rows.filter(isFailure).map(({ line }) => line) };
}

export function failedLines(kept: KeptBatch): number[] {
  const lines = Array.from({ length: kept.job.counts.total }, (_, index) => index + 1);
  return lines.filter((line) => ['failed', 'missing'].includes(stateOf(kept, line)));
}

export function detailOf(kept: KeptBatch, line: number): BatchRowDetail {
  const row = rowOf(kept, line);
  const text = row.state === 'done' ? textOf(kept, line) : null;
  const request =
    kept.lines?.[line - 1] ??
    `{"custom_id":"${row.customId}","method":"POST","url":"/v1/inference/chat","body":{"model":"${kept.job.model ?? ''}","messages":[{"role":"user","content":"Order NL-${20_000 + line}: “light”, \\u00e9, C:\\\\temp"}],"temperature":0.20,"max_tokens":160}}`;
  const body = { status: 'ok', data: { choices: [{ index: 0, message: { role: 'assistant', content: text } }] } };
  const head = `{"id":"br_${line}","custom_id":"${row.customId}",`;
  const response =
    row.state === 'done'
      ? `${head}"response":{"status_code":200,"request_id":"req_${line}","body":${JSON.stringify(body)}},"error":null}`
      : row.state === 'failed'
        ? `${head}"response":null,"error":{"code":"${row.status ?? ''}","message":${JSON.stringify(row.result)}}}`
        : null;
  return { row, request, response, text };
}
