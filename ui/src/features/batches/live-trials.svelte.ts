// The first lines of drafts, sent live before the whole goes into a queue, and what they say of the whole.
import type { BatchCheck } from '../../bindings/BatchCheck';
import type { BatchTrial } from '../../bindings/BatchTrial';
import { plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';

/** The most lines that the app sends live. */
export const MOST_LIVE = 100;

interface Whole {
  tokensIn: number;
  tokensOut: number;
  cost: number | null;
  currency: string | null;
}

/** What all lines that would be sent take, going by those that were; null while none was answered. */
export function wholeOf(check: BatchCheck, trial: BatchTrial): Whole | null {
  if (trial.answered === 0 || trial.meanTokensOut === null) return null;
  return {
    tokensIn: Math.round(check.tokens * (trial.inputRatio ?? 1)),
    tokensOut: Math.round(check.sent * trial.meanTokensOut),
    cost: trial.meanCost === null ? null : check.sent * trial.meanCost,
    currency: trial.currency,
  };
}

export class LiveTrials {
  known: Readonly<Record<string, BatchTrial>> = $state.raw({});
  /** As it is typed. */
  count = $state('20');
  busy = $state(false);

  constructor(private readonly app: App) {}

  /** How many lines are sent live; null for what is no such number. */
  readonly wanted: number | null = $derived.by(() => {
    const wanted = /^\d+$/.test(this.count.trim()) ? Number(this.count) : 0;
    return wanted >= 1 && wanted <= MOST_LIVE ? wanted : null;
  });

  isUnderWay(batch: string): boolean {
    const trial = this.known[batch];
    return trial !== undefined && trial.over < trial.lines;
  }

  async read(batch: string): Promise<void> {
    try {
      const trial = await this.app.host.batchTrial(batch);
      // What was told meanwhile is newer.
      if (trial && this.known[batch] === undefined) this.known = { ...this.known, [batch]: trial };
    } catch (error) {
      this.app.report(error);
    }
  }

  heard(batch: string, trial: BatchTrial): void {
    this.known = { ...this.known, [batch]: trial };
    if (trial.over < trial.lines) return;
    const failed = trial.failures.length === 0 ? 'none failed' : `${trial.failures.length} failed`;
    this.app.announce(`${plural(trial.answered, 'line')} of ${trial.lines} answered live, ${failed}`);
  }

  async send(batch: string): Promise<void> {
    if (this.busy || this.wanted === null) return;
    this.busy = true;
    try {
      const trial = await this.app.host.tryBatch(batch, this.wanted);
      const told = this.known[batch];
      if (told?.run !== trial.run) this.known = { ...this.known, [batch]: trial };
    } catch (error) {
      this.app.report(error);
    } finally {
      this.busy = false;
    }
  }

  async stop(batch: string): Promise<void> {
    const trial = this.known[batch];
    if (!trial) return;
    try {
      await this.app.host.stopRun(trial.run);
    } catch (error) {
      this.app.report(error);
    }
  }
}
