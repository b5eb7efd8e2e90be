import { createSubscriber } from 'svelte/reactivity';

/** The time of day; what reads it is drawn again every so often, while it is on screen and the window is seen. */
function every(ms: number): () => number {
  const subscribe = createSubscriber((update) => {
    const tick = () => {
      if (document.visibilityState === 'visible') update();
    };
    const timer = setInterval(tick, ms);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  });
  return () => {
    subscribe();
    return Date.now();
  };
}

export const seconds = every(1_000);
export const minutes = every(30_000);
