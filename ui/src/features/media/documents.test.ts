import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../state/app.svelte';
import AudioPage from '../audio/AudioPage.svelte';
import EmbeddingsPage from '../embeddings/EmbeddingsPage.svelte';
import { audioView } from '../audio/audio-view.svelte';
import ImagesPage from '../images/ImagesPage.svelte';
import { show } from '../with-app/with-app';

const soon = { timeout: 15_000 };
const NAME = 'Häfen “\\ 🌊”, ' + 'sehr '.repeat(30);

beforeEach(() => {
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
});

/** The last toast's way back. */
async function undo(app: App) {
  await waitFor(() => expect(app.toasts.list.at(-1)?.action?.label).toBe('Undo'), soon);
  app.toasts.list.at(-1)!.action!.run();
}

const items = (tree: HTMLElement) => within(tree).queryAllByRole('treeitem');
const named = (tree: HTMLElement) => items(tree).map((row) => row.getAttribute('aria-label'));

for (const [label, create, section, page] of [
  ['Image prompts', 'New image prompt', 'images', ImagesPage],
  ['Lists of texts', 'New list', 'embeddings', EmbeddingsPage],
] as const) {
  describe(label, () => {
    it('are opened, named, doubled and deleted, and a deleted one comes back', async () => {
      const { app, host } = await show(page, section);
      const document = section === 'images' ? app.media.image : app.media.embed;
      await waitFor(() => expect(document.draft.isOpen).toBe(true), soon);
      await document.draft.flush();
      const first = document.draft.comparison.id;
      await fireEvent.click(screen.getByRole('button', { name: label }));
      const tree = await screen.findByRole('tree', { name: label });
      expect(named(tree)).toEqual([document.draft.comparison.name]);

      await fireEvent.keyDown(items(tree)[0]!, { key: 'F2' });
      const field = await within(tree).findByRole('textbox');
      await fireEvent.input(field, { target: { value: NAME } });
      await fireEvent.keyDown(field, { key: 'Enter' });
      expect(document.draft.comparison.name).toBe(NAME.trim());

      await fireEvent.click(screen.getByRole('button', { name: `${NAME.trim()} actions` }));
      await fireEvent.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
      await waitFor(() => expect(document.draft.comparison.name).toBe(`${NAME.trim()} copy`), soon);
      await document.draft.flush();
      const copy = document.draft.snapshot();
      const like = await host.openComparison(first);
      expect(copy.draft).toEqual(like.draft);
      // A call belongs to its lane, so a copy may have none of the same.
      expect(copy.lanes.map(({ id }) => id)).not.toEqual(like.lanes.map(({ id }) => id));

      await waitFor(() => expect(items(tree)).toHaveLength(2), soon);
      const row = within(tree).getByRole('treeitem', { name: copy.name });
      expect(row.getAttribute('aria-selected')).toBe('true');
      await fireEvent.keyDown(row, { key: 'Delete' });
      await waitFor(() => expect(document.draft.comparison.id).toBe(first), soon);
      expect(host.comparisons.has(copy.id)).toBe(false);
      await undo(app);
      await waitFor(() => expect(document.draft.comparison.id).toBe(copy.id), soon);
      expect(host.comparisons.has(copy.id)).toBe(true);

      await fireEvent.click(screen.getByRole('button', { name: create }));
      await waitFor(() => expect(screen.queryByRole('tree', { name: label })).toBeNull(), soon);
      await document.draft.flush();
      expect(document.rows).toHaveLength(3);
    });

    it('leave a new one when the last is deleted', async () => {
      const { app } = await show(page, section);
      const document = section === 'images' ? app.media.image : app.media.embed;
      await waitFor(() => expect(document.draft.isOpen).toBe(true), soon);
      await document.draft.flush();
      const gone = document.draft.comparison.id;
      await document.documents.remove(gone);
      expect(document.draft.comparison.id).not.toBe(gone);
      await document.draft.flush();
      expect(document.rows.map(({ id }) => id)).toEqual([document.draft.comparison.id]);
    });

    it('are found by their names when there are many', async () => {
      const { app } = await show(page, section);
      const document = section === 'images' ? app.media.image : app.media.embed;
      await waitFor(() => expect(document.draft.isOpen).toBe(true), soon);
      for (let at = 0; at < 12; at += 1) {
        document.create((made) => (made.name = `Set ${at}`));
        await document.draft.flush();
      }
      await fireEvent.click(screen.getByRole('button', { name: label }));
      const tree = await screen.findByRole('tree', { name: label });
      const filter = screen.getByRole('searchbox', { name: `Filter ${label.toLowerCase()}` });
      await fireEvent.input(filter, { target: { value: 'set 11' } });
      await waitFor(() => expect(named(tree)).toEqual(['Set 11']), soon);
      await fireEvent.input(filter, { target: { value: 'none of them' } });
      await screen.findByText('None is named like that.');
    });
  });
}

describe('Speech', () => {
  it('is a list of the same kind', async () => {
    const { app, host } = await show(AudioPage, 'audio');
    const { speech } = audioView(app);
    await waitFor(() => expect(speech.document.draft.isOpen).toBe(true), soon);
    speech.text = 'Hello';
    await speech.document.draft.flush();
    const tree = await screen.findByRole('tree', { name: 'Speech' }, soon);
    const [row] = items(tree);
    const id = speech.comparison.id;
    await fireEvent.keyDown(row!, { key: 'Delete' });
    await waitFor(() => expect(host.comparisons.has(id)).toBe(false), soon);
    expect(speech.text).toBe('');
    await undo(app);
    await waitFor(() => expect(speech.comparison.id).toBe(id), soon);
    expect(speech.text).toBe('Hello');
  });

  it('that was never written is not deleted twice', async () => {
    const { app } = await show(AudioPage, 'audio');
    const { speech } = audioView(app);
    await waitFor(() => expect(speech.document.draft.isOpen).toBe(true), soon);
    await speech.documents.remove(speech.comparison.id);
    expect(app.toasts.list).toEqual([]);
  });
});
