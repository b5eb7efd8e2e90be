// What the states of a batch are called, and how its figures are said.
import type { BatchCounts } from '../../bindings/BatchCounts';
import type { BatchFaultKind } from '../../bindings/BatchFaultKind';
import type { BatchJob } from '../../bindings/BatchJob';
import type { BatchState } from '../../bindings/BatchState';
import type { ProviderBatch } from '../../bindings/ProviderBatch';
import type { StateLook } from '../../components/JobOption.svelte';
import { count, duration, moment } from '../../lib/format';

interface BatchLook extends StateLook {
  /** The provider has it, or may have it, and it is not over. */
  live: boolean;
}

export const STATES: Record<BatchState, BatchLook> = {
  draft: { word: 'Draft', tone: 'plain', icon: 'pencil', live: false },
  sending: { word: 'Sending', tone: 'modified', icon: 'upload', live: true },
  unknown: { word: 'Unknown', tone: 'warn', icon: 'help', live: false },
  queued: { word: 'Queued', tone: 'modified', icon: 'dot', live: true },
  running: { word: 'Running', tone: 'modified', icon: 'dot', live: true },
  finalizing: { word: 'Finalizing', tone: 'modified', icon: 'dot', live: true },
  cancelling: { word: 'Cancelling', tone: 'modified', icon: 'stop', live: true },
  finished: { word: 'Finished', tone: 'ok', icon: 'circlecheck', live: false },
  refused: { word: 'Refused', tone: 'bad', icon: 'circlex', live: false },
  expired: { word: 'Expired', tone: 'warn', icon: 'clock', live: false },
  cancelled: { word: 'Cancelled', tone: 'plain', icon: 'stop', live: false },
  other: { word: 'Under way', tone: 'modified', icon: 'dot', live: true },
};

/** The provider's own word where we have none. */
export function stateWord({ state, providerState }: Pick<BatchJob, 'state' | 'providerState'>): string {
  return state === 'other' && providerState ? providerState : STATES[state].word;
}

/** The provider is asked about it. */
export function isWatched(state: BatchState): boolean {
  return STATES[state].live && state !== 'sending';
}

export function isOver(state: BatchState): boolean {
  return state === 'finished' || state === 'refused' || state === 'expired' || state === 'cancelled';
}

export interface Parts {
  done: number;
  failed: number;
  waiting: number;
  /** Rows of a batch that is over and that have no answer. */
  missing: number;
}

export function partsOf({ state, counts }: Pick<BatchJob, 'state' | 'counts'>): Parts {
  const rest = Math.max(0, counts.total - counts.done - counts.failed);
  return {
    done: counts.done,
    failed: counts.failed,
    ...(isOver(state) ? { waiting: 0, missing: rest } : { waiting: rest, missing: 0 }),
  };
}

/** No provider tells how many rows it works on at this moment, so nothing counts as running. */
export function progressName(job: Pick<BatchJob, 'state' | 'counts'>): string {
  const { done, failed, waiting } = partsOf(job);
  return `${done} done, ${failed} failed, 0 running, ${waiting} waiting`;
}

/** `1,471 of 2,000`, `200, 3 failed`, `118 kept of 200`. */
export function countWords({ state, counts }: Pick<BatchJob, 'state' | 'counts'>): string {
  const { total, done, failed } = counts;
  if (state === 'refused') return 'file refused';
  if (state === 'draft') return total === 0 ? '' : `${count(total)} to send`;
  if (state === 'unknown') return total === 0 ? '' : `${count(total)} sent or not`;
  if (state === 'cancelled' || state === 'expired') return `${count(done + failed)} kept of ${count(total)}`;
  if (state === 'finished') return failed > 0 ? `${count(total)}, ${count(failed)} failed` : count(total);
  return total === 0 ? '' : `${count(done + failed)} of ${count(total)}`;
}

/** How long it has been going on, or when it was. */
export function whenWords(job: Pick<BatchJob, 'state' | 'madeAt' | 'sentAt'>, now: number): string {
  const { sentAt } = job;
  if (!STATES[job.state].live || sentAt === null) return moment(sentAt ?? job.madeAt, now);
  const minutes = Math.floor((now - sentAt) / 60_000);
  return minutes < 1 ? 'just now' : minutes < 60 ? `${minutes} min` : duration(now - sentAt);
}

/** What is said when a batch is over. */
export function endWords({ name, state, counts }: Pick<BatchJob, 'name' | 'state' | 'counts'>): string {
  if (state === 'refused') return `${name} was refused`;
  const failed = counts.failed > 0 ? `, ${count(counts.failed)} failed` : '';
  if (state === 'finished') return `${name} finished, ${count(counts.done)} done${failed}`;
  return `${name} ${state === 'expired' ? 'expired' : 'was cancelled'}, ${count(counts.done)} done${failed}`;
}

/** `just now`, `in 12 s`, `in 3 min`. */
export function untilWords(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1000);
  if (seconds <= 0) return 'now';
  return seconds < 60 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}

export const FAULTS: Record<BatchFaultKind, string> = {
  json: 'Bad JSON',
  duplicateId: 'Duplicate custom_id',
  missingId: 'No custom_id',
  method: 'Wrong method',
  endpoint: 'Wrong endpoint',
  missingField: 'Missing field',
  field: 'Value does not fit',
  stream: 'Streams',
  tooLarge: 'Too large',
  tooLong: 'Too long',
};

/** What a batch of the provider's that we do not know may be called. */
export function foreignName({ metadata, providerId }: Pick<ProviderBatch, 'metadata' | 'providerId'>): string {
  const name = metadata.find(({ name }) => ['name', 'title', 'project', 'description'].includes(name))?.value;
  return name !== undefined && name !== '' ? name : providerId;
}

export type Filter = 'all' | 'draft' | 'running' | 'finished' | 'failed' | 'refused' | 'cancelled' | 'expired';

export const FILTERS: readonly { filter: Filter; word: string; fits: (job: BatchJob) => boolean }[] = [
  { filter: 'all', word: 'All', fits: () => true },
  { filter: 'running', word: 'Running', fits: ({ state }) => STATES[state].live || state === 'unknown' },
  { filter: 'finished', word: 'Finished', fits: ({ state }) => state === 'finished' },
  { filter: 'failed', word: 'Failed rows', fits: ({ counts }: { counts: BatchCounts }) => counts.failed > 0 },
  { filter: 'refused', word: 'Refused', fits: ({ state }) => state === 'refused' },
  { filter: 'cancelled', word: 'Cancelled', fits: ({ state }) => state === 'cancelled' },
  { filter: 'expired', word: 'Expired', fits: ({ state }) => state === 'expired' },
  { filter: 'draft', word: 'Drafts', fits: ({ state }) => state === 'draft' },
];
