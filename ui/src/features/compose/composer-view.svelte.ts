import type { Part } from '../../bindings/Part';

interface RemovedPart {
  /** Id of the message that it stood in. */
  message: string;
  part: Part;
  at: number;
  /** `Part 2 of User message 1`. */
  name: string;
}

/** Which message of the composer is the current one: belongs to the window, not to the comparison. */
export class ComposerView {
  /** Id of the message that had the focus last. */
  message: string | null = $state(null);
  tab: 'messages' | 'tools' | 'schema' | 'json' = $state('messages');
  /** The focus is within the list of messages. */
  hasFocus: boolean = $state(false);
  /** The editor of the tab JSON takes the focus when it is next shown. */
  focusJson: boolean = false;
  /** Opens the file dialog; set while the composer is on screen. */
  attach: (() => void) | null = null;

  /** A part that was removed last, until something else happens to it. */
  removed: RemovedPart | null = $state.raw(null);

  /** Whether the focus was asked for, once. */
  takeFocusJson(): boolean {
    const wanted = this.focusJson;
    this.focusJson = false;
    return wanted;
  }

  indexIn(messages: readonly { id: string }[]): number {
    const at = messages.findIndex((message) => message.id === this.message);
    return at < 0 ? messages.length - 1 : at;
  }
}

export const composerView = new ComposerView();
