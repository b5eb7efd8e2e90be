// The answer of a lane held against that of the base. Texts that are long are compared a moment later, so that the page
// has been drawn and each lane takes its own turn.
import { textDiff, type Granularity, type TextDiff } from '../../lib/word-diff';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { laneView } from '../compare/lane-view.svelte';
import { answerText, type AnswerText } from './answer-text';

/** Texts that are together shorter are compared at once, in UTF-16 units. */
const AT_ONCE = 20_000;

export interface LaneDiff {
  /** What the lane says; `null` while that may still change, and where it says nothing. */
  readonly own: AnswerText | null;
  readonly base: AnswerText | null;
  /** `null` for the base itself, where there is nothing to compare, and until it is ready. */
  readonly diff: TextDiff | null;
  readonly isComparing: boolean;
}

function settledText(cell: LiveCell | null): AnswerText | null {
  if (!cell) return null;
  void [cell.shape, cell.generation, cell.head];
  if (cell.isGrowing) return null;
  const answer = answerText(cell, laneView.choiceOf(cell.id));
  return answer.text === '' ? null : answer;
}

/** Call while a component is made. */
export function useLaneDiff(
  cell: () => LiveCell | null,
  base: () => LiveCell | null,
  granularity: () => Granularity,
): LaneDiff {
  const own = $derived(settledText(cell()));
  const was = $derived(base() === cell() ? null : settledText(base()));
  const isLong = $derived((own?.text.length ?? 0) + (was?.text.length ?? 0) > AT_ONCE);
  const atOnce = $derived(own && was && !isLong ? textDiff(was.text, own.text, granularity()) : null);
  let later = $state.raw<TextDiff | null>(null);

  $effect(() => {
    later = null;
    if (!own || !was || !isLong) return;
    const [before, after, how] = [was.text, own.text, granularity()];
    const timer = setTimeout(() => (later = textDiff(before, after, how)), 30);
    return () => clearTimeout(timer);
  });

  return {
    get own() {
      return own;
    },
    get base() {
      return was;
    },
    get diff() {
      return atOnce ?? later;
    },
    get isComparing() {
      return own !== null && was !== null && isLong && later === null;
    },
  };
}
