// What the repeats of the run on screen say together; asked for again while its calls end.
import type { Repeats } from '../../bindings/Repeats';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { diffView } from '../diff/diff-view.svelte';

/** Quiet time before it is asked for, milliseconds: calls end in groups. */
const AFTER = 200;

export interface RepeatsOnScreen {
  /** The run that the lanes on screen are of; `null` before the first. */
  readonly run: string | null;
  readonly repeats: Repeats | null;
  readonly problem: string | null;
}

/** The calls on screen that belong to the run that was started or opened last. */
export function callsOfShown({ runs }: App): LiveCell[] {
  return runs.cells.filter(({ head }) => head.run === runs.shown);
}

/** Call while a component is made. */
export function useRepeats(app: App): RepeatsOnScreen {
  let answer = $state.raw<{ run: string; repeats: Repeats | null; problem: string | null } | null>(null);
  const { runs } = app;
  const ended = $derived(callsOfShown(app).filter(({ isLive }) => !isLive).length);
  const lanes = $derived(new Set(callsOfShown(app).map(({ head }) => head.lane)));
  const base = $derived.by(() => {
    const wanted = diffView.base(app);
    return lanes.has(wanted) ? wanted : ([...lanes][0] ?? null);
  });

  $effect(() => {
    void ended;
    const [run, against] = [runs.shown, base];
    if (run === null || against === null) {
      answer = null;
      return;
    }
    let isOld = false;
    const take = (repeats: Repeats | null, problem: string | null) => {
      if (!isOld) answer = { run, repeats, problem };
    };
    const timer = setTimeout(
      () =>
        app.host.repeats(run, against).then(
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

  const current = $derived(answer?.run === runs.shown ? answer : null);
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
