import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { composerView } from '../compose/composer-view.svelte';
import { OutputEdits } from './output-edits';
import type { OutputMode } from './output-format';

const GROUP = 'Output schema';

export function outputSchemaActions(app: App): Action[] {
  const edits = new OutputEdits(app.comparison);
  const here = (): boolean => app.section === 'compare' && app.comparison.isOpen;
  const open = (): void => {
    app.layout.setValue('composer.collapsed', 0);
    composerView.tab = 'schema';
  };
  const noForm = (): string | null => {
    if (!edits.format) return 'This endpoint has no parameter for it';
    return edits.format.isJson ? null : 'The parameter is no JSON yet';
  };
  const mode = (id: string, title: string, to: Exclude<OutputMode, 'other'>): Action => ({
    id,
    title,
    group: GROUP,
    visible: here,
    disabledReason: noForm,
    run: () => {
      open();
      edits.setMode(to);
    },
  });
  return [
    { id: 'output.show', title: 'Show output schema', group: GROUP, visible: here, run: open },
    mode('output.schema', 'Answer with JSON of a schema', 'json_schema'),
    mode('output.object', 'Answer with any JSON object', 'json_object'),
    mode('output.none', 'Send no output schema', 'none'),
    {
      id: 'output.strict',
      title: 'Switch strict of the output schema',
      group: GROUP,
      visible: here,
      disabledReason: () => noForm() ?? (edits.format?.mode === 'json_schema' ? null : 'There is no output schema'),
      run: () => {
        open();
        edits.setMember('strict', edits.strict === 'true' ? 'false' : 'true');
      },
    },
    {
      id: 'output.own',
      title: 'Give the current lane an output schema of its own, or the shared one',
      group: GROUP,
      visible: here,
      disabledReason: () =>
        app.comparison.isBase(app.comparison.currentLane) ? 'The first lane has the shared schema' : null,
      run: () => {
        open();
        if (edits.lane === null) edits.makeOwn();
        else edits.useShared();
      },
    },
  ];
}
