import { createSubscriber } from 'svelte/reactivity';

function every(ms: number): () => number {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, ms);
    return () => clearInterval(timer);
  });
  return () => {
    subscribe();
    return performance.now();
  };
}

/** The clock of the page; whatever reads it is drawn again each tenth of a second, for as long as it is on screen. */
export const tenths = every(100);
/** The same, four times a second. */
export const quarters = every(250);
