import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { FORMS } from '../transfer/results';
import { batchesView } from './batches-view.svelte';

export function batchesActions(app: App): Action[] {
  const here = () => app.section === 'batches';
  const view = () => batchesView(app);
  return [
    { id: 'batches.open', title: 'Open Batches', group: 'Window', run: () => app.openSection('batches') },
    {
      id: 'batches.new',
      title: 'New batch',
      group: 'Batches',
      run: () => {
        app.openSection('batches');
        view().form.open();
      },
    },
    {
      id: 'batches.newFromPrompt',
      title: 'New batch from this prompt',
      group: 'Batches',
      visible: () => app.section === 'compare',
      run: () => {
        app.openSection('batches');
        view().form.open('prompt');
      },
    },
    {
      id: 'batches.send',
      title: 'Send the batch',
      group: 'Batches',
      key: 'Ctrl+Enter',
      visible: here,
      disabledReason: () => view().sendReason,
      run: () => view().send(),
    },
    {
      id: 'batches.tryLive',
      title: 'Send the first lines of the batch live',
      group: 'Batches',
      key: 'Ctrl+Shift+Enter',
      visible: here,
      disabledReason: () => view().liveReason,
      run: () => view().trials.send(view().currentId ?? ''),
    },
    {
      id: 'batches.retry',
      title: 'Retry the failures as a new batch',
      group: 'Batches',
      key: 'Ctrl+R',
      visible: here,
      disabledReason: () => view().retryReason,
      run: () => view().retry(),
    },
    {
      id: 'batches.cancel',
      title: 'Cancel the batch',
      group: 'Batches',
      visible: here,
      disabledReason: () => view().cancelReason,
      run: () => view().cancel(),
    },
    {
      id: 'batches.ask',
      title: 'Ask about the batch now',
      group: 'Batches',
      visible: here,
      disabledReason: () => view().askReason,
      run: () => view().askNow(),
    },
    {
      id: 'batches.leaveOut',
      title: 'Leave out every line with a fault',
      group: 'Batches',
      visible: here,
      disabledReason: () => ((view().check?.faultCount ?? 0) === 0 ? 'No line has a fault' : null),
      run: () => view().leaveOut(),
    },
    {
      id: 'batches.find',
      title: 'Find a batch',
      group: 'Batches',
      visible: here,
      run: () => {
        view().half = 'list';
        view().wanted = 'find';
      },
    },
    {
      id: 'batches.findRows',
      title: 'Find in the rows of the batch',
      group: 'Batches',
      key: 'Ctrl+F',
      inText: true,
      visible: here,
      disabledReason: () => (view().current ? null : 'No batch is open'),
      run: () => {
        view().half = 'pane';
        view().wanted = 'findRows';
      },
    },
    ...FORMS.map(({ form, name }): Action => ({
      id: `batches.save.${form}`,
      title: `Save the results of the batch as ${name}`,
      group: 'Batches',
      visible: here,
      disabledReason: () => view().saveReason,
      run: () => view().save(form),
    })),
    {
      id: 'batches.settings',
      title: 'Change name and settings of the batch',
      group: 'Batches',
      key: 'F2',
      visible: here,
      disabledReason: () => (view().current ? null : 'No batch is open'),
      run: () => {
        const { current, form } = view();
        if (current) form.edit(current);
      },
    },
    {
      id: 'batches.forget',
      title: 'Forget the batch',
      group: 'Batches',
      visible: here,
      disabledReason: () => (view().current ? null : 'No batch is open'),
      run: () => view().forget(),
    },
  ];
}
