// Edits to the messages that lanes send, and where the focus goes after them.
import type { Message } from '../../bindings/Message';
import type { Parameter } from '../../bindings/Parameter';
import type { ReasoningBack } from '../../bindings/ReasoningBack';
import type { Role } from '../../bindings/Role';
import { copyMessages } from './lanes';
import { contentWithText, newMessage, nextRole } from './messages';
import { LaneEdits } from './lane-edits.svelte';

/** Where the window should put the focus next. `serial` grows, so that the same place can be asked for twice. */
type FocusRequest =
  | { kind: 'parameter'; lane: string; name: string; serial: number }
  | { kind: 'message'; lane: string; index: number; serial: number }
  | { kind: 'model'; lane: string; serial: number };

type FocusTarget =
  | { kind: 'parameter'; lane: string; name: string }
  | { kind: 'message'; lane: string; index: number }
  | { kind: 'model'; lane: string };

interface DeletedMessage {
  lane: string;
  forked: boolean;
  index: number;
  message: Message;
  name: string;
}

export class InputEdits extends LaneEdits {
  focusRequest: FocusRequest | null = $state.raw(null);
  deletedMessage: DeletedMessage | null = $state.raw(null);
  /** Called before the focus goes to a parameter, so that the panel is there to be focused. */
  onFocus: ((kind: FocusRequest['kind']) => void) | null = null;

  #ownInput = new Map<string, Message[]>();
  #serial = 0;

  protected override forget(): void {
    super.forget();
    this.#ownInput.clear();
    this.deletedMessage = null;
    this.focusRequest = null;
  }

  // ---- input

  sharesInput(lane: string): boolean {
    return this.lane(lane)?.forkedMessages === null;
  }

  /** Whether the one message of a user is the input of a response as a bare text, or as an item. */
  setTextInput(isText: boolean): void {
    this.comparison.draft.textInput = isText;
    this.touch();
  }

  /** Gives a lane messages of its own, or the shared ones again. Its own come back when it is forked once more. */
  setSharedInput(lane: string, shared: boolean): void {
    const target = this.lane(lane);
    if (!target || this.sharesInput(lane) === shared) return;
    if (shared) {
      if (target.forkedMessages) this.#ownInput.set(lane, $state.snapshot(target.forkedMessages) as Message[]);
      target.forkedMessages = null;
    } else {
      target.forkedMessages = this.#ownInput.get(lane) ?? copyMessages(this.comparison.draft.messages);
      this.#ownInput.delete(lane);
    }
    this.deletedMessage = null;
    this.touch();
  }

  /** Gives a lane these messages of its own, or with `null` the shared ones; returns what it had. */
  replaceMessages(lane: string, messages: Message[] | null): Message[] | null {
    const target = this.lane(lane);
    if (!target) return null;
    const before = target.forkedMessages && ($state.snapshot(target.forkedMessages) as Message[]);
    target.forkedMessages = messages;
    this.deletedMessage = null;
    this.touch();
    return before;
  }

  /** Whether models are told their own reasoning in dialogues that are started from now on. */
  setReasoningBack(choice: ReasoningBack): void {
    this.comparison.draft.reasoningBack = choice;
    this.touch();
  }

  /** The messages that a lane sends. */
  messagesOf(lane: string): Message[] {
    return this.lane(lane)?.forkedMessages ?? this.comparison.draft.messages;
  }

  /** The messages in the composer: those of the current lane. */
  get messages(): Message[] {
    return this.messagesOf(this.currentLane);
  }

  setText(message: Message, text: string): void {
    // The text alone changes where it can, so that no other editor hears of it.
    if (message.content.kind === 'text') message.content.text = text;
    else message.content = contentWithText(message.content, text);
    this.touch();
  }

  setRole(message: Message, role: Role): void {
    message.role = role;
    if (role === 'tool' && !message.members.some((member) => member.name === 'tool_call_id')) {
      message.members.push({ name: 'tool_call_id', json: '""' });
    }
    this.touch();
  }

  setMuted(message: Message, muted: boolean): void {
    message.muted = muted;
    this.touch();
  }

  setContent(message: Message, content: Message['content']): void {
    message.content = content;
    this.touch();
  }

  setMembers(message: Message, members: Parameter[]): void {
    message.members = members;
    this.touch();
  }

  /** Adds a message below `index`, at the end unless told, and focuses it. */
  addMessage(index: number = this.messages.length - 1, role?: Role): void {
    const messages = this.messages;
    const at = Math.min(index + 1, messages.length);
    messages.splice(at, 0, newMessage(role ?? nextRole(messages, at - 1)));
    this.touch();
    this.askFocus({ kind: 'message', lane: this.currentLane, index: at });
  }

  moveMessage(index: number, by: number): void {
    const messages = this.messages;
    const to = index + by;
    const message = messages[index];
    if (!message || to < 0 || to >= messages.length) return;
    messages.splice(index, 1);
    messages.splice(to, 0, message);
    this.touch();
    this.askFocus({ kind: 'message', lane: this.currentLane, index: to });
  }

  deleteMessage(index: number, name: string): void {
    const messages = this.messages;
    const message = messages[index];
    if (!message) return;
    this.deletedMessage = {
      lane: this.currentLane,
      forked: !this.sharesInput(this.currentLane),
      index,
      message: $state.snapshot(message) as Message,
      name,
    };
    messages.splice(index, 1);
    this.touch();
    if (messages.length > 0)
      this.askFocus({ kind: 'message', lane: this.currentLane, index: Math.min(index, messages.length - 1) });
  }

  /** Puts the message that was deleted last back where it was. */
  restoreMessage(): void {
    const deleted = this.deletedMessage;
    if (!deleted) return;
    const messages = deleted.forked ? this.lane(deleted.lane)?.forkedMessages : this.comparison.draft.messages;
    this.deletedMessage = null;
    if (!messages) return;
    messages.splice(Math.min(deleted.index, messages.length), 0, deleted.message);
    this.touch();
    this.askFocus({ kind: 'message', lane: deleted.lane, index: deleted.index });
  }

  focusMessage(index: number): void {
    const last = this.messages.length - 1;
    if (last >= 0)
      this.askFocus({ kind: 'message', lane: this.currentLane, index: Math.min(Math.max(index, 0), last) });
  }

  protected askFocus(target: FocusTarget): void {
    this.#serial += 1;
    this.onFocus?.(target.kind);
    this.focusRequest = { ...target, serial: this.#serial };
  }
}
