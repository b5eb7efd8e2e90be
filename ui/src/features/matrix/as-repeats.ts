// Variants as the charts of repeats want them: what was a lane is a variant, by its number.
import type { LaneRepeats } from '../../bindings/LaneRepeats';
import type { MatrixFigures } from '../../bindings/MatrixFigures';
import type { Repeats } from '../../bindings/Repeats';

const none = { values: [], median: null, interval: null };

export function asRepeats({ variants }: MatrixFigures): Pick<Repeats, 'lanes'> {
  const lanes = variants.map((one): LaneRepeats => ({
    lane: String(one.variant),
    laneIndex: one.variant,
    counts: { finished: one.finished, failed: one.failed, stopped: 0, running: 0 },
    checks: one.checks,
    all: one.all,
    passAt: one.passAt,
    distinct: 0,
    timeToFirstToken: one.timeToFirstToken,
    total: one.total,
    tokensPerSecond: none,
    tokens: one.tokens,
    cost: one.cost,
    currency: one.currency,
  }));
  return { lanes };
}
