import type { App } from '../../state/app.svelte';
import type { Action } from '../../state/actions.svelte';
import { composerView } from '../compose/composer-view.svelte';
import { ANY_TOOL, ToolEdits } from './tool-edits';
import { toolsView } from './tools-view.svelte';

const GROUP = 'Tools';

export function toolsTabActions(app: App): Action[] {
  const edits = new ToolEdits(app.comparison);
  const here = (): boolean => app.section === 'compare' && app.comparison.isOpen;
  const shows = (): boolean => here() && composerView.tab === 'tools';
  const open = (): void => {
    app.layout.setValue('composer.collapsed', 0);
    composerView.tab = 'tools';
  };
  const index = (): number => edits.index;
  const noTool = (): string | null => (shows() ? edits.noTool : 'The tools are not on screen');
  /** A rule that has the focus, or a tool in the list that has it. */
  const moves = (by: number): void => {
    if (toolsView.rule !== null) edits.moveRule(toolsView.rule, toolsView.rule + by);
    else edits.move(index(), index() + by);
  };
  return [
    {
      id: 'tools.show',
      title: 'Show tools',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.shown = Math.max(0, index());
        toolsView.focus = 'row';
      },
    },
    {
      id: 'tools.add',
      title: 'Add a function tool',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        edits.addKind('function');
      },
    },
    {
      id: 'tools.paste',
      title: 'Paste tools',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.dialog = 'paste';
      },
    },
    {
      id: 'tools.example',
      title: 'Add a tool from an example',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.dialog = 'example';
      },
    },
    {
      id: 'tools.code',
      title: 'Show the tool as form or code',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.part = toolsView.part === 'code' ? 'definition' : 'code';
        if (index() < 0) toolsView.shown = 0;
      },
    },
    {
      id: 'tools.list',
      title: 'Show all tools as JSON',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.shown = 'list';
      },
    },
    {
      id: 'tools.results',
      title: 'Show results of tools',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        toolsView.shown = 'results';
      },
    },
    {
      id: 'tools.addRule',
      title: 'Add a rule for results of tools',
      group: GROUP,
      visible: here,
      run: () => {
        open();
        const name = edits.shown?.name ?? '';
        if (name === '') toolsView.shown = 'results';
        else toolsView.part = 'results';
        edits.addRule(name || (edits.names[0] ?? ANY_TOOL));
      },
    },
    {
      id: 'tools.mode',
      title: 'Switch dialogues with tools between step and auto',
      group: GROUP,
      visible: here,
      run: () => edits.setPlan({ mode: edits.plan.mode === 'auto' ? 'step' : 'auto' }),
    },
    {
      id: 'tools.duplicate',
      title: 'Duplicate tool',
      group: GROUP,
      visible: here,
      disabledReason: noTool,
      run: () => edits.duplicate(index()),
    },
    {
      id: 'tools.delete',
      title: 'Delete tool',
      group: GROUP,
      visible: here,
      disabledReason: noTool,
      run: () => edits.delete(index()),
    },
    {
      id: 'tools.restore',
      title: 'Bring back the deleted tool',
      group: GROUP,
      visible: here,
      disabledReason: () => (edits.deleted ? null : 'No tool was deleted'),
      run: () => {
        open();
        edits.restore();
      },
    },
    {
      id: 'tools.moveUp',
      title: 'Move tool or rule up',
      group: GROUP,
      key: 'Alt+ArrowUp',
      // Elsewhere these keys move messages, and take fine steps.
      visible: () => shows() && (toolsView.hasFocus || toolsView.rule !== null),
      run: () => moves(-1),
    },
    {
      id: 'tools.moveDown',
      title: 'Move tool or rule down',
      group: GROUP,
      key: 'Alt+ArrowDown',
      visible: () => shows() && (toolsView.hasFocus || toolsView.rule !== null),
      run: () => moves(1),
    },
    {
      id: 'tools.own',
      title: 'Give the current lane tools of its own, or the shared ones',
      group: GROUP,
      visible: here,
      disabledReason: () =>
        app.comparison.isBase(app.comparison.currentLane) ? 'The first lane has the shared tools' : null,
      run: () => {
        open();
        if (edits.lane === null) edits.makeOwn();
        else edits.useShared();
      },
    },
  ];
}
