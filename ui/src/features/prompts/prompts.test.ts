import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../bindings/Comparison';
import { show } from '../with-app/with-app';
import PromptFileNotice from './PromptFileNotice.svelte';
import VersionsDialog from './VersionsDialog.svelte';

function saying(comparison: Comparison, text: string): Comparison {
  const changed = structuredClone(comparison);
  changed.draft.messages[0]!.content = { kind: 'text', text };
  return changed;
}

const said = (comparison: Comparison) => {
  const content = comparison.draft.messages[0]!.content;
  return content.kind === 'text' ? content.text : null;
};

describe('a file that was changed outside', () => {
  it('comes onto the screen', async () => {
    const { app, host } = await show(PromptFileNotice);
    await app.prompts.sync();
    const open = app.comparison.snapshot();
    host.prompts.theirs.set(open.id, saying(open, 'From the file'));
    await app.prompts.sync();
    expect(said(app.comparison.snapshot())).toBe('From the file');
    expect(app.toasts.list.at(-1)?.text).toBe(`${open.name} was changed in its file`);
  });

  it('gives way to what is typed meanwhile, and is kept', async () => {
    const { app, host } = await show(PromptFileNotice);
    await app.prompts.sync();
    const open = app.comparison.snapshot();
    host.prompts.theirs.set(open.id, saying(open, 'From the file'));
    const syncPrompts = host.syncPrompts;
    host.syncPrompts = async () => {
      const found = await syncPrompts();
      app.comparison.setText(app.comparison.messages[0]!, 'Typed meanwhile');
      return found;
    };
    await app.prompts.sync();
    expect(said(app.comparison.snapshot())).toBe('Typed meanwhile');
    expect(said(await host.openComparison(open.id))).toBe('Typed meanwhile');
    const [version] = await host.promptVersions(open.id);
    expect(version?.name).toBe('Changed outside');
    expect(said(await host.promptVersion(open.id, version!.id))).toBe('From the file');
  });

  it.each([
    ['Keep mine', 'Mine'],
    ['Take the file', 'Theirs'],
  ])('asks when both changed, and does what was chosen: %s', async (button, stays) => {
    const { app, host } = await show(PromptFileNotice);
    const mine = saying(app.comparison.snapshot(), 'Mine');
    app.comparison.open(mine);
    app.comparison.touch();
    await app.comparison.flush();
    const theirs = saying(mine, 'Theirs');
    host.prompts.theirs.set(mine.id, theirs);
    host.prompts.states.set(mine.id, { kind: 'conflict', theirs });
    await app.prompts.sync();
    expect(screen.getByRole('status').textContent).toContain('was changed outside, and so was this prompt');

    await fireEvent.click(screen.getByRole('button', { name: 'Compare' }));
    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(dialog.querySelector('del')?.textContent).toBe('Mine'));
    expect(dialog.querySelector('ins')?.textContent).toBe('Theirs');

    await fireEvent.click(within(dialog).getByRole('button', { name: button }));
    await waitFor(() => expect(screen.queryByRole('status')).toBeNull());
    expect(said(app.comparison.snapshot())).toBe(stays);
    expect(await host.promptVersions(mine.id)).toHaveLength(1);
  });

  it('says where it cannot be read, and that a prompt could not be written', async () => {
    const { app, host } = await show(PromptFileNotice);
    const { id } = app.comparison.snapshot();
    host.prompts.states.set(id, { kind: 'unreadable', line: 7, message: 'A comma is missing between two members.' });
    await app.prompts.sync();
    expect(screen.getByRole('status').textContent).toContain('line 7: A comma is missing between two members.');
    host.prompts.states.set(id, { kind: 'unsaved', message: 'The disk is full' });
    await app.prompts.sync();
    expect((await screen.findByRole('alert')).textContent).toContain('The disk is full. The prompt is kept in Juxta.');
  });
});

describe('versions', () => {
  it('say what is on screen when they are saved, also when its file was taken in meanwhile', async () => {
    const { app, host } = await show(VersionsDialog);
    await app.prompts.sync();
    const { id } = app.comparison.snapshot();
    host.prompts.theirs.set(id, saying(app.comparison.snapshot(), 'From the file'));
    await app.prompts.sync();
    const field = screen.getByRole('textbox', { name: 'Name of this version' });
    await fireEvent.input(field, { target: { value: 'Now' } });
    await fireEvent.submit(field.closest('form')!);
    await screen.findByRole('option', { name: /Now/ });
    const [version] = await host.promptVersions(id);
    expect(said(await host.promptVersion(id, version!.id))).toBe('From the file');
  });

  it('are named, compared word by word and brought back without losing the present', async () => {
    const { app, host } = await show(VersionsDialog);
    const first = app.comparison.snapshot();
    await host.nameVersion(saying(first, 'Be brief and kind.'), 'Kind');
    const field = screen.getByRole('textbox', { name: 'Name of this version' });
    expect(document.activeElement).toBe(field);
    await fireEvent.input(field, { target: { value: 'As it is' } });
    await fireEvent.submit(field.closest('form')!);

    const list = await screen.findByRole('listbox', { name: 'Versions' });
    await waitFor(() => expect(within(list).getAllByRole('option')).toHaveLength(2));
    await fireEvent.click(within(list).getByRole('option', { name: /Kind/ }));
    const diff = screen.getByRole('region', { name: 'What the version says, against now' });
    const added = () => Array.from(diff.querySelectorAll('ins'), ({ textContent }) => textContent).join(' ');
    await waitFor(() => expect(added()).toContain('kind'));

    await fireEvent.click(screen.getByRole('button', { name: 'Restore' }));
    await waitFor(() => expect(said(app.comparison.snapshot())).toBe('Be brief and kind.'));
    const kept = (await host.promptVersions(first.id)).find(({ name }) => name === 'Before Kind');
    expect(said(await host.promptVersion(first.id, kept!.id))).toBe(said(first));
  });
});
