// What Alt+Left and Alt+Right step through: the events or the tokens, whichever is on screen.
export interface Steps {
  /** Goes so many further, back when negative. */
  step(by: number): void;
}

let current: Steps | null = null;

/** Until the returned function is called. */
export function offerSteps(steps: Steps): () => void {
  current = steps;
  return () => {
    if (current === steps) current = null;
  };
}

export const canStep = (): boolean => current !== null;

export function step(by: number): void {
  current?.step(by);
}
