// What the figures say, in words.
import type { LaneRepeats } from '../../bindings/LaneRepeats';
import type { PassRate } from '../../bindings/PassRate';
import type { Repeats } from '../../bindings/Repeats';
import { count, plural, signed } from '../../lib/format';
import { laneLetter } from '../../state/comparison/lanes';

export interface VerdictWords {
  lane: string;
  /** `B against A`. */
  title: string;
  verdict: 'Better' | 'Worse' | 'Cannot tell';
  tone: 'ok' | 'bad' | 'plain';
  sentence: string;
}

const words = {
  better: { verdict: 'Better', tone: 'ok' },
  worse: { verdict: 'Worse', tone: 'bad' },
  cannotTell: { verdict: 'Cannot tell', tone: 'plain' },
} as const;

export function baseOf({ lanes, base }: Repeats): LaneRepeats | null {
  return lanes.find(({ lane }) => lane === base) ?? null;
}

export function verdicts(repeats: Repeats): VerdictWords[] {
  const base = baseOf(repeats);
  if (!base?.all) return [];
  const against = base.all;
  return repeats.lanes.flatMap((lane) => {
    if (lane === base || !lane.all) return [];
    const title = `${laneLetter(lane.laneIndex)} against ${laneLetter(base.laneIndex)}`;
    const told = lane.all.against;
    if (!told) {
      const sentence = `${of(lane.all)} and ${of(against)} can be judged, which is too few to compare.`;
      return [{ lane: lane.lane, title, ...words.cannotTell, sentence }];
    }
    const rates = `${of(lane.all)} pass all checks against ${of(against)}.`;
    const more =
      told.verdict === 'cannotTell' ? needed(told.difference, told.repeatsToTell) : cause(repeats, lane, base);
    return [{ lane: lane.lane, title, ...words[told.verdict], sentence: `${rates}${more}` }];
  });
}

const of = ({ passed, total }: PassRate) => `${count(passed)} of ${count(total)}`;

function needed(difference: number, repeats: number | null): string {
  if (repeats === null) return ' The rates are equal, which no number of repeats shows to differ.';
  const points = plural(Math.max(1, Math.round(Math.abs(difference) * 100)), 'point');
  return ` Telling ${points} apart would take about ${count(repeats)} repeats per lane.`;
}

/** The check on which the lanes are furthest apart, in the direction of the verdict. */
function cause(repeats: Repeats, lane: LaneRepeats, base: LaneRepeats): string {
  if (repeats.checks.length < 2) return '';
  const rate = ({ passed, total }: PassRate) => (total === 0 ? 0 : passed / total);
  const sign = Math.sign(lane.all && base.all ? rate(lane.all) - rate(base.all) : 0);
  const gaps = repeats.checks.map((name, at) => {
    const [own, was] = [lane.checks[at], base.checks[at]];
    return { name, gap: own && was ? (rate(own) - rate(was)) * sign : 0 };
  });
  const widest = gaps.reduce((most, one) => (one.gap > most.gap ? one : most));
  return widest.gap > 0 ? ` They differ most in “${widest.name}”.` : '';
}

/** `20 per lane`, or `18 to 20 per lane`: repeats that count. */
export function perLane({ lanes }: Repeats): string {
  const totals = lanes.map(({ counts }) => counts.finished + counts.failed);
  const [least, most] = [Math.min(...totals), Math.max(...totals)];
  return least === most ? `${count(most)} per lane` : `${count(least)} to ${count(most)} per lane`;
}

/** `84–100`, in per cent. */
export function percents({ interval }: PassRate): string {
  return interval ? `${percent(interval.low)}–${percent(interval.high)}` : '–';
}

const percent = (rate: number) => count(Math.round(rate * 100));

/** A difference of rates, in points. */
export function points(difference: number): string {
  return signed(Math.round(difference * 100));
}
