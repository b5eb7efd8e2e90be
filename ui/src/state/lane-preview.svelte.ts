// What a lane would send now, asked of what will send it, again after each edit.
import type { Preview } from '../bindings/Preview';
import type { RequestView } from '../bindings/RequestView';
import type { App } from './app.svelte';

export interface LanePreview {
  /** `null` until the engine has answered. */
  readonly preview: Preview | null;
  /** The request, when one can be made. */
  readonly request: RequestView | null;
  /** What the host threw. */
  readonly failure: unknown;
}

/** Quiet time after an edit before it is asked for again, milliseconds. */
const AFTER = 120;

/** Call while a component is made; `lane` may say that there is nothing to ask. */
export function usePreview(app: App, lane: () => string | null): LanePreview {
  let answer = $state.raw<{ lane: string; preview: Preview | null; failure: unknown } | null>(null);

  $effect(() => {
    void app.comparison.revision;
    void app.connections;
    const asked = lane();
    if (asked === null) return;
    let ended = false;
    const take = (preview: Preview | null, failure: unknown) => {
      // An answer to an older question is of no use any more.
      if (!ended) answer = { lane: asked, preview, failure };
    };
    const timer = setTimeout(() => {
      const { revision } = app.comparison;
      app.host.preview(app.comparison.snapshot(), asked).then(
        (preview) => {
          take(preview, null);
          if (!ended && preview.kind === 'ready') app.comparison.endpoints.note(asked, revision, preview.request);
        },
        (error: unknown) => take(null, error),
      );
    }, AFTER);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  });

  const current = $derived(answer?.lane === lane() ? answer : null);
  return {
    get preview() {
      return current?.preview ?? null;
    },
    get request() {
      return current?.preview?.kind === 'ready' ? current.preview.request : null;
    },
    get failure() {
      return current?.failure ?? null;
    },
  };
}
