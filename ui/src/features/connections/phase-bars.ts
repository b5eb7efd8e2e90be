// The phases of a test as bars on one scale.
import type { Phases } from '../../bindings/Phases';

export interface PhaseBar {
  label: string;
  tone: 'early' | 'tls' | 'wait';
  /** Milliseconds since the call began. */
  from: number;
  to: number;
}

const PHASES: { key: 'dns' | 'connect' | 'tls' | 'wait'; label: string; tone: PhaseBar['tone'] }[] = [
  { key: 'dns', label: 'DNS', tone: 'early' },
  { key: 'connect', label: 'connect', tone: 'early' },
  { key: 'tls', label: 'TLS', tone: 'tls' },
  { key: 'wait', label: 'wait', tone: 'wait' },
];

export function phaseBars(phases: Phases): PhaseBar[] {
  return PHASES.flatMap(({ key, label, tone }) => {
    const span = phases[key];
    return span ? [{ label, tone, from: span.start, to: span.end }] : [];
  });
}

/** The next round number above the longest, so that bars of several tests could be compared. */
export function axisEnd(longest: number): number {
  const steps = [10, 20, 50];
  for (let scale = 1; scale <= 1e6; scale *= 10) {
    const step = steps.find((candidate) => candidate * scale >= longest);
    if (step !== undefined) return step * scale;
  }
  return longest;
}

/** Path and query of an address; the whole text when it is none. */
export function pathOf(address: string): string {
  try {
    const url = new URL(address);
    return url.pathname + url.search;
  } catch {
    return address;
  }
}
