// The figures behind the panel, one row for each lane.
import type { Repeats } from '../../bindings/Repeats';
import { laneLetter } from '../../state/comparison/lanes';

const cell = (value: string | number | null | undefined) => {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function csvOf(repeats: Repeats, modelOf: (lane: string) => string): string {
  const rate = (name: string) => [`${name}: passed`, `${name}: judged`, `${name}: low`, `${name}: high`];
  const checks = [...(repeats.lanes.some(({ all }) => all) ? ['all checks'] : []), ...repeats.checks];
  const ks = [...new Set(repeats.lanes.flatMap(({ passAt }) => passAt.map(({ k }) => k)))];
  const times = ['TTFT ms', 'total ms', 'tok/s', 'tokens out', 'cost'];
  const head = [
    'lane',
    'model',
    'base',
    'finished',
    'failed',
    'stopped',
    ...checks.flatMap(rate),
    'difference',
    'difference low',
    'difference high',
    'verdict',
    'repeats to tell',
    ...ks.flatMap((k) => [`pass@${k}`, `pass^${k}`]),
    'distinct answers',
    ...times.flatMap((name) => [`${name}: median`, `${name}: low`, `${name}: high`]),
    'currency',
  ];
  const rows = repeats.lanes.map((lane) => {
    const rates = [...(lane.all ? [lane.all] : []), ...lane.checks];
    const against = lane.all?.against;
    return [
      laneLetter(lane.laneIndex),
      modelOf(lane.lane),
      lane.lane === repeats.base ? 'yes' : 'no',
      lane.counts.finished,
      lane.counts.failed,
      lane.counts.stopped,
      ...rates.flatMap(({ passed, total, interval }) => [passed, total, interval?.low, interval?.high]),
      against?.difference,
      against?.interval.low,
      against?.interval.high,
      against?.verdict,
      against?.repeatsToTell?.toString(),
      ...ks.flatMap((k) => {
        const found = lane.passAt.find((one) => one.k === k);
        return [found?.any, found?.all];
      }),
      lane.distinct,
      ...[lane.timeToFirstToken, lane.total, lane.tokensPerSecond, lane.tokens, lane.cost].flatMap(
        ({ median, interval }) => [median, interval?.low, interval?.high],
      ),
      lane.currency,
    ];
  });
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
