// Cosines as eight steps of one hue, from the least pair to 1.
export const STEPS = 8;

export interface Scale {
  least: number;
  /** Which step a cosine is of; `null` where there is none. */
  step(cosine: number): number | null;
}

export function scaleFrom(leastPair: number): Scale {
  // A round number, so that the ends of the ramp can be read.
  const least = Math.min(0.95, Math.floor(leastPair * 20) / 20);
  return {
    least,
    step: (cosine) =>
      Number.isNaN(cosine)
        ? null
        : Math.max(0, Math.min(STEPS - 1, Math.floor(((cosine - least) / (1 - least)) * STEPS))),
  };
}

/** `0.645`; a dash where there is none. */
export function cosineText(cosine: number | undefined): string {
  if (cosine === undefined || Number.isNaN(cosine)) return '–';
  return cosine.toFixed(3).replace('-', '−');
}
