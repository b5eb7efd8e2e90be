// Models as judges: what is left to ask about the answers on screen, and the asking.
import type { JudgeCount } from '../../bindings/JudgeCount';
import type { JudgeVerdict } from '../../bindings/JudgeVerdict';
import type { App } from '../../state/app.svelte';
import { callsOfShown } from './calls-of-shown';
import { checksView } from './checks-view.svelte';

/** How often is looked while a judge is asked, milliseconds. */
const LOOK_AGAIN = 500;

/** What a judge said about one answer, to be read. */
interface Said {
  /** Of the check. */
  name: string;
  why: string;
  verdicts: readonly JudgeVerdict[];
}

class JudgesView {
  /** Grows with what judges say, so that whoever shows it asks again. */
  heard = $state(0);
  said: Said | null = $state.raw(null);

  async ask(app: App): Promise<void> {
    const runs = [...app.runs.pool];
    const asked = app.host.askJudges(runs, checksView.asked(app));
    this.heard += 1;
    app.announce('Asking the judge');
    try {
      await asked;
      app.announce('The judge was asked');
    } catch (error) {
      app.report(error);
    } finally {
      this.heard += 1;
    }
  }

  stop(app: App): void {
    app.host.stopJudges([...app.runs.pool]).catch((error: unknown) => app.report(error));
  }
}

export const judgesView = new JudgesView();

/** What is left to be asked; `null` without a judge among the checks. Call while a component is made. */
export function useJudgeCount(app: App): { readonly count: JudgeCount | null } {
  let count = $state.raw<JudgeCount | null>(null);
  const ended = $derived(callsOfShown(app).filter(({ isLive }) => !isLive).length);
  const asks = $derived(checksView.held(app).some(({ rule }) => rule.kind === 'judge'));

  $effect(() => {
    void [ended, judgesView.heard];
    const [runs, checks] = [app.runs.pool, checksView.asked(app)];
    if (!asks || runs.length === 0) {
      count = null;
      return;
    }
    let isOld = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    app.host.countJudges(runs, checks).then(
      (told) => {
        if (isOld) return;
        count = told;
        if (told.running) timer = setTimeout(() => (judgesView.heard += 1), LOOK_AGAIN);
      },
      (error: unknown) => app.report(error),
    );
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  });
  return {
    get count() {
      return count;
    },
  };
}
