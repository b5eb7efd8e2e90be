import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { laneView } from '../compare/lane-view.svelte';
import { diffView } from './diff-view.svelte';
import { differencesReason, stepDifference } from './differences';

export function diffActions(app: App): Action[] {
  const { comparison } = app;
  const here = () => app.section === 'compare';
  const differing = () => here() && laneView.view === 'diff';
  // While events are looked at, the same keys go through those.
  const inspecting = () => document.getElementById('inspector')?.contains(document.activeElement) ?? false;
  const sample = (id: string, title: string, key: string, by: 1 | -1): Action => ({
    id,
    title,
    group: 'Diff',
    key,
    visible: () => differing() && !inspecting(),
    disabledReason: () => diffView.sampleReason(app, comparison.currentLane, by),
    run: () => diffView.stepSample(app, comparison.currentLane, by),
  });
  return [
    {
      id: 'diff.open',
      title: 'Show differences',
      group: 'Diff',
      visible: here,
      run: () => void (laneView.view = 'diff'),
    },
    {
      id: 'diff.next',
      title: 'Next difference',
      group: 'Diff',
      key: 'Ctrl+Shift+D',
      visible: differing,
      disabledReason: () => differencesReason(app),
      run: () => stepDifference(app, 1),
    },
    {
      id: 'diff.previous',
      title: 'Previous difference',
      group: 'Diff',
      visible: differing,
      disabledReason: () => differencesReason(app),
      run: () => stepDifference(app, -1),
    },
    sample('diff.nextSample', 'Next sample', 'Alt+ArrowRight', 1),
    sample('diff.previousSample', 'Previous sample', 'Alt+ArrowLeft', -1),
    {
      id: 'diff.inStep',
      title: 'Keep samples in step, or not',
      group: 'Diff',
      visible: differing,
      run: () => diffView.setInStep(app, !diffView.inStep),
    },
    {
      id: 'diff.base',
      title: 'Make current lane the base',
      group: 'Diff',
      visible: differing,
      disabledReason: () => (diffView.base(app) === comparison.currentLane ? 'It is the base' : null),
      run: () => diffView.makeBase(app, comparison.currentLane),
    },
    {
      id: 'diff.granularity',
      title: 'Compare words or sentences',
      group: 'Diff',
      visible: differing,
      run: () => void (diffView.granularity = diffView.granularity === 'words' ? 'sentences' : 'words'),
    },
  ];
}
