// What the repeats of the runs on screen say together; asked for again while their calls end.
import type { Repeats } from '../../bindings/Repeats';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import { diffView } from '../diff/diff-view.svelte';
import { callsOfShown } from './calls-of-shown';
import { checksView } from './checks-view.svelte';
import { judgesView } from './judges-view.svelte';

/** Quiet time before it is asked for, milliseconds: calls end in groups. */
const AFTER = 200;

export interface RepeatsOnScreen {
  /** The newest run that the lanes on screen are of; `null` before the first. */
  readonly run: string | null;
  readonly repeats: Repeats | null;
  readonly problem: string | null;
}

/** Call while a component is made. */
export function useRepeats(app: App): RepeatsOnScreen {
  let answer = $state.raw<{ runs: readonly string[]; repeats: Repeats | null; problem: string | null } | null>(null);
  const { runs } = app;
  const ended = $derived(callsOfShown(app).filter(({ isLive }) => !isLive).length);
  const lanes = $derived(new Set(callsOfShown(app).map(({ head }) => head.lane)));
  const base = $derived.by(() => {
    const wanted = diffView.base(app);
    return lanes.has(wanted) ? wanted : ([...lanes][0] ?? null);
  });

  $effect(() => {
    void [ended, judgesView.heard];
    const [asked, against, checks] = [runs.pool, base, checksView.asked(app)];
    if (asked.length === 0 || against === null) {
      answer = null;
      return;
    }
    let isOld = false;
    const take = (repeats: Repeats | null, problem: string | null) => {
      if (!isOld) answer = { runs: asked, repeats, problem };
    };
    const timer = setTimeout(
      () =>
        app.host.repeats(asked, against, checks).then(
          (repeats) => take(repeats, null),
          (error: unknown) => take(null, describeError(error)),
        ),
      AFTER,
    );
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  });

  const current = $derived(answer?.runs === runs.pool ? answer : null);
  return {
    get run() {
      return runs.shown;
    },
    get repeats() {
      return current?.repeats ?? null;
    },
    get problem() {
      return current?.problem ?? null;
    },
  };
}
