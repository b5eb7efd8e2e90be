// The text of one form of a transcript. What came is read from the recorded bytes.
import type { Transcript } from '../../bindings/Transcript';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import { formThatCame, made, spokenText, type Form } from './transcript-forms';

export interface FormShown {
  /** `null` while it is read, and where it cannot be made. */
  readonly text: string | null;
  readonly came: boolean;
  readonly missing: string | null;
}

/** Call while a component is made. */
export function useForm(app: App, what: () => { cell: string; transcript: Transcript; form: Form } | null): FormShown {
  let raw = $state.raw<{ cell: string; text: string } | null>(null);
  const asked = $derived(what());
  const came = $derived(asked !== null && asked.form === formThatCame(asked.transcript));

  $effect(() => {
    const cell = asked?.cell;
    if (!came || cell === undefined || raw?.cell === cell) return;
    app.host.documentBytes({ kind: 'response', cell }).then(
      (bytes) => (raw = { cell, text: new TextDecoder().decode(bytes) }),
      (error: unknown) => (raw = { cell, text: describeError(error) }),
    );
  });

  const result = $derived.by(() => {
    if (!asked) return null;
    if (asked.form === 'reading') return { text: spokenText(asked.transcript) };
    if (came) return { text: raw?.cell === asked.cell ? raw.text : null };
    return made(asked.transcript, asked.form);
  });
  return {
    get text() {
      return result && 'text' in result ? result.text : null;
    },
    get came() {
      return came;
    },
    get missing() {
      return result && 'missing' in result ? result.missing : null;
    },
  };
}
