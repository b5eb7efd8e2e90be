// Files go into messages; parts of messages change places, go, and come back.
import type { Message } from '../../bindings/Message';
import type { Part } from '../../bindings/Part';
import type { App } from '../../state/app.svelte';
import { contentWithPart, contentWithoutPart } from '../../state/comparison/messages';
import { attached } from './attachments';
import { composerView } from './composer-view.svelte';

/** The message that the keyboard is in, unless it cannot hold a picture; then the last of the user's. */
export function messageForFiles(app: App): Message | undefined {
  const messages = app.comparison.messages;
  const current = messages[composerView.indexIn(messages)];
  return current?.role === 'user' ? current : (messages.findLast((message) => message.role === 'user') ?? current);
}

/** Attaches files in their order. One that cannot be is named, and keeps no other from being attached. */
export async function attach(app: App, message: Message, files: readonly File[]): Promise<void> {
  for (const file of files) {
    try {
      const part = await attached(app.host, file);
      app.comparison.setContent(message, contentWithPart(message.content, part));
    } catch (error) {
      app.report(error);
    }
  }
}

export async function replacePart(app: App, message: Message, index: number, file: File): Promise<void> {
  try {
    setPart(app, message, index, await attached(app.host, file));
  } catch (error) {
    app.report(error);
  }
}

export function setPart(app: App, message: Message, index: number, part: Part): void {
  const { content } = message;
  if (content.kind !== 'parts') return;
  app.comparison.setContent(message, { kind: 'parts', parts: content.parts.with(index, part) });
}

export function removePart(app: App, message: Message, index: number, name: string): void {
  const { content } = message;
  const part = content.kind === 'parts' ? content.parts[index] : undefined;
  if (!part) return;
  composerView.removed = { message: message.id, part, at: index, name };
  app.comparison.setContent(message, contentWithoutPart(content, index));
}

export function restorePart(app: App): void {
  const removed = composerView.removed;
  const message = app.comparison.messages.find((one) => one.id === removed?.message);
  composerView.removed = null;
  if (removed && message)
    app.comparison.setContent(message, contentWithPart(message.content, removed.part, removed.at));
}
