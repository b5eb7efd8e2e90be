import type { App } from '../../state/app.svelte';
import type { Action } from '../../state/actions.svelte';
import { messageNames } from '../../state/comparison/messages';
import { composerView } from './composer-view.svelte';

const GROUP = 'Messages';

export function composeActions(app: App): Action[] {
  const { comparison } = app;
  const here = (): boolean => app.section === 'compare' && comparison.isOpen;
  const index = (): number => composerView.indexIn(comparison.messages);
  const noMessage = (): string | null => (comparison.messages.length === 0 ? 'There is no message' : null);
  return [
    {
      id: 'compose.add',
      title: 'Add message',
      group: GROUP,
      key: 'Ctrl+M',
      visible: here,
      run: () => comparison.addMessage(index()),
    },
    {
      id: 'compose.mute',
      title: 'Mute message',
      group: GROUP,
      key: 'Ctrl+Shift+M',
      visible: here,
      disabledReason: noMessage,
      run: () => {
        const message = comparison.messages[index()];
        if (message) comparison.setMuted(message, !message.muted);
      },
    },
    {
      id: 'compose.previous',
      title: 'Previous message',
      group: GROUP,
      key: 'Ctrl+ArrowUp',
      visible: here,
      disabledReason: noMessage,
      run: () => comparison.focusMessage(composerView.hasFocus ? index() - 1 : index()),
    },
    {
      id: 'compose.next',
      title: 'Next message',
      group: GROUP,
      key: 'Ctrl+ArrowDown',
      visible: here,
      disabledReason: noMessage,
      run: () => comparison.focusMessage(composerView.hasFocus ? index() + 1 : index()),
    },
    {
      id: 'compose.moveUp',
      title: 'Move message up',
      group: GROUP,
      key: 'Alt+ArrowUp',
      // In a parameter row these keys take fine steps.
      visible: () => here() && composerView.hasFocus,
      run: () => comparison.moveMessage(index(), -1),
    },
    {
      id: 'compose.moveDown',
      title: 'Move message down',
      group: GROUP,
      key: 'Alt+ArrowDown',
      visible: () => here() && composerView.hasFocus,
      run: () => comparison.moveMessage(index(), 1),
    },
    {
      id: 'compose.delete',
      title: 'Delete message',
      group: GROUP,
      visible: here,
      disabledReason: noMessage,
      run: () => {
        const at = index();
        comparison.deleteMessage(at, messageNames(comparison.messages)[at] ?? 'Message');
      },
    },
    {
      id: 'compose.restore',
      title: 'Bring back the deleted message',
      group: GROUP,
      visible: here,
      disabledReason: () => (comparison.deletedMessage ? null : 'No message was deleted'),
      run: () => comparison.restoreMessage(),
    },
    {
      id: 'compose.attach',
      title: 'Attach pictures, sounds and files',
      group: GROUP,
      visible: here,
      disabledReason: () => (composerView.attach ? null : 'The composer is not on screen'),
      run: () => composerView.attach?.(),
    },
    {
      id: 'compose.json',
      title: 'Show messages or JSON',
      group: GROUP,
      visible: here,
      run: () => {
        app.layout.setValue('composer.collapsed', 0);
        if (composerView.tab === 'json') {
          composerView.tab = 'messages';
          comparison.focusMessage(index());
        } else {
          composerView.focusJson = true;
          composerView.tab = 'json';
        }
      },
    },
    {
      id: 'compose.collapse',
      title: 'Collapse or expand composer',
      group: GROUP,
      visible: here,
      run: () => app.layout.setValue('composer.collapsed', app.layout.value('composer.collapsed', 0) === 1 ? 0 : 1),
    },
  ];
}
