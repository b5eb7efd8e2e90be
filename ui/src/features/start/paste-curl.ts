import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';

/** Imports the text, or what the clipboard holds; where that cannot be read, a dialog asks for it. */
export async function pasteCurl(app: App, text: string | null): Promise<void> {
  const command = text ?? (await clipboardText());
  if (command === null || command.trim() === '') {
    app.openImport();
    return;
  }
  try {
    await app.importCurl(command);
  } catch (error) {
    app.openImport({ text: command, problem: describeError(error) });
  }
}

/** Null when the clipboard may not be read, which is the rule in some web views. */
async function clipboardText(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}
