// How fast a batch goes, from what was told at the last questions.
import type { BatchProgress } from '../../bindings/BatchProgress';

/** Rows per minute in `bars` equal stretches of the time that is known, oldest first. */
export function ratesOf(progress: readonly BatchProgress[], bars: number): number[] {
  const first = progress[0];
  const last = progress.at(-1);
  if (!first || !last || last.at <= first.at) return [];
  // Not more bars than questions: what lies between two of them is not known.
  const steps = Math.min(bars, progress.length - 1);
  const width = (last.at - first.at) / steps;
  let next = 1;
  const overAt = (at: number): number => {
    while (next < progress.length - 1 && progress[next]!.at < at) next += 1;
    const [one, other] = [progress[next - 1]!, progress[next]!];
    if (other.at <= one.at) return other.over;
    const share = Math.min(1, Math.max(0, (at - one.at) / (other.at - one.at)));
    return one.over + share * (other.over - one.over);
  };
  let before = first.over;
  return Array.from({ length: steps }, (_, index) => {
    const now = overAt(first.at + width * (index + 1));
    const rate = Math.max(0, ((now - before) / width) * 60_000);
    before = now;
    return rate;
  });
}

/** The time of which the pace of now is taken. */
const RECENT = 180_000;

/** Rows per minute of late; `null` when too little is known. */
export function rateOf(progress: readonly BatchProgress[]): number | null {
  const last = progress.at(-1);
  if (!last) return null;
  const from = progress.find(({ at }) => at >= last.at - RECENT) ?? last;
  const begin = from === last ? progress.at(-2) : from;
  if (!begin || last.at <= begin.at) return null;
  return Math.max(0, ((last.over - begin.over) / (last.at - begin.at)) * 60_000);
}

/** Milliseconds that the rest takes at that pace; `null` when nobody can tell. */
export function timeLeft(total: number, over: number, rate: number | null): number | null {
  if (rate === null || rate <= 0 || total <= over) return null;
  return ((total - over) / rate) * 60_000;
}

/** `6 min`, `< 1 min`, `2 h 10 min`: no more digits than an estimate has. */
export function leftWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return '< 1 min';
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = Math.round((minutes % 60) / 10) * 10;
  return rest === 60 ? `${hours + 1} h` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
