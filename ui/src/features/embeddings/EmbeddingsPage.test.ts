import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { show, type Shown } from '../with-app/with-app';
import EmbeddingsPage from './EmbeddingsPage.svelte';
import { embeddingsView } from './embeddings-view.svelte';

const TEXTS = [
  'A refund, please: the lamp died.',
  'Refund “now” \\ ☀',
  'When does the refund come?',
  'The parcel is late.',
  'Where is my parcel? 📦',
  'Parcel without a number',
  'A refund, please: the lamp died.',
];

async function page(): Promise<Shown> {
  const shown = await show(EmbeddingsPage, 'embeddings');
  await screen.findByRole('button', { name: 'No model, model' });
  return shown;
}

async function paste(texts: readonly string[]): Promise<void> {
  await fireEvent.click(screen.getAllByRole('button', { name: 'Add texts' })[0]!);
  const field = await screen.findByRole('textbox', { name: 'Texts to add' });
  await fireEvent.input(field, { target: { value: texts.join('\n') } });
  await fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  await tick();
}

async function embedded(texts: readonly string[] = TEXTS, model = 'bge-m3', batch = 0): Promise<Shown> {
  const shown = await page();
  await paste(texts);
  const document = shown.app.media.embed;
  document.draft.setModel(document.lane!.id, model);
  embeddingsView(shown.app).setBatch(batch);
  expect(shown.app.actions.run('embed.run')).toBe(true);
  await waitFor(() => expect(document.cells.length).toBeGreaterThan(0));
  await waitFor(() => expect(document.isLive).toBe(false), { timeout: 4000 });
  return shown;
}

const options = () => within(screen.getByRole('listbox', { name: 'Texts' })).getAllByRole('option');
const selected = () => options().find((option) => option.getAttribute('aria-selected') === 'true');
const facts = () => screen.findByRole('region', { name: 'Facts' });

beforeEach(() => {
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
});

describe('the embeddings', () => {
  it('says what is missing before anything can be sent', async () => {
    const { app } = await page();
    expect(app.actions.disabledReason('embed.run')).toBe('Add texts first');
    await paste(TEXTS);
    expect(options()).toHaveLength(TEXTS.length);
    expect(app.actions.disabledReason('embed.run')).toBe('Choose a model');
    expect(app.actions.disabledReason('embed.export.npy')).toBe('There are no vectors yet');
  });

  it('shows vectors with their facts, neighbours and map, and leads to the exchange', async () => {
    await embedded();
    const words = (await facts()).textContent;
    expect(words).toContain('7, 96 dimensions');
    expect(words).toContain('Similarity of 21 pairs');
    expect(words, 'the first and the last are one text').toContain('the same in 1, 7');
    expect(words).toContain('one call');
    const near = await screen.findByRole('table', { name: 'Nearest texts' });
    await waitFor(() => expect(within(near).getAllByRole('row')[1]?.textContent).toContain('1.000'));
    expect(screen.getByRole('img', { name: /^Map of 7 texts by PCA, .* of variance/ })).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Open in the inspector' }));
    expect(await screen.findByRole('region', { name: 'Inspector' })).toBeTruthy();
  });

  it('sends the texts in calls of a size and joins their vectors', async () => {
    const { app } = await embedded(TEXTS, 'bge-m3', 3);
    expect(app.media.embed.cells.map(({ head }) => head.slice)).toEqual([
      { from: 0, to: 3 },
      { from: 3, to: 6 },
      { from: 6, to: 7 },
    ]);
    expect((await facts()).textContent).toContain('3 calls');
    await fireEvent.click(screen.getByRole('button', { name: 'Open in the inspector' }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'bge-m3, texts 4 to 6' }));
    expect(await screen.findByRole('region', { name: 'Inspector' })).toBeTruthy();
    expect(options()).toHaveLength(TEXTS.length);
  });

  it('walks the list and the order by keys', async () => {
    const { app } = await embedded();
    await facts();
    const list = screen.getByRole('listbox', { name: 'Texts' });
    await fireEvent.click(screen.getByRole('radio', { name: 'As pasted' }));
    await fireEvent.keyDown(list, { key: 'ArrowDown' });
    await fireEvent.keyDown(list, { key: 'ArrowDown' });
    expect(selected()?.textContent).toContain(TEXTS[2]);
    await fireEvent.click(screen.getByRole('radio', { name: 'By row 3' }));
    expect(options()[0]?.textContent).toContain(TEXTS[2]);
    await fireEvent.keyDown(list, { key: 'Home' });
    await fireEvent.keyDown(list, { key: 'Delete' });
    expect(app.media.embed.draft.comparison.draft.texts).toHaveLength(TEXTS.length - 1);
    expect(screen.getByText(/The texts have changed/)).toBeTruthy();
    expect(screen.queryByRole('region', { name: 'Facts' }), 'vectors of other texts are not shown').toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the last run' }));
    expect(await facts()).toBeTruthy();
    expect(options()).toHaveLength(TEXTS.length);
  });

  it('compares two models by the ranks of their pairs', async () => {
    const { app } = await embedded();
    await facts();
    const view = embeddingsView(app);
    app.media.embed.draft.setModel(view.addLane(), 'text-embedding-3-small');
    await screen.findByText('Embed sends the texts to both models.');
    app.actions.run('embed.run');
    const pairs = await screen.findByRole('list', { name: 'Most disputed pairs' }, { timeout: 4000 });
    expect(within(pairs).getAllByRole('listitem')).toHaveLength(20);
    await fireEvent.click(screen.getByRole('button', { name: 'Take the other model away' }));
    expect(app.media.embed.draft.comparison.lanes).toHaveLength(1);
  });

  it('says above two hundred texts that there is no matrix, and finds neighbours all the same', async () => {
    const many = Array.from({ length: 230 }, (_, index) => `${TEXTS[index % 6]} ${index}`);
    await embedded(many);
    await screen.findByText(/The matrix is drawn for up to 200 texts. These are 230 texts/, {}, { timeout: 4000 });
    const near = screen.getByRole('table', { name: 'Nearest texts' });
    await waitFor(() => expect(within(near).getAllByRole('row').length).toBe(8), { timeout: 4000 });
    expect(screen.queryByRole('grid', { name: 'Cosine similarity' })).toBeNull();
  });

  describe('with a map that takes its time', () => {
    const many = Array.from({ length: 230 }, (_, index) => `${TEXTS[index % 6]} ${index} “\\ ☀`);
    const bar = () => screen.findByRole('progressbar', { name: 'Making the map by t-SNE' }, { timeout: 10_000 });
    const now = (found: HTMLElement) => Number(found.getAttribute('aria-valuenow'));

    async function slow() {
      const shown = await embedded(many);
      const view = embeddingsView(shown.app);
      await screen.findByRole('img', { name: /^Map of 230 texts by PCA/ }, { timeout: 4000 });
      await waitFor(() => expect(view.map?.method).toBe('pca'), { timeout: 4000 });
      const former = view.map;
      await fireEvent.click(screen.getByRole('radio', { name: 't-SNE' }));
      return { ...shown, view, former };
    }

    it('tells how far it is, shows the former one until then, and keeps what was made', async () => {
      const { view, former } = await slow();
      const found = await bar();
      const first = now(found);
      expect(view.map).toBe(former);
      await waitFor(() => expect(now(found)).toBeGreaterThan(first), { timeout: 4000 });
      await screen.findByRole('img', { name: /^Map of 230 texts by t-SNE/ }, { timeout: 20_000 });
      expect(screen.queryByRole('progressbar')).toBeNull();
      const made = view.map;
      await fireEvent.click(screen.getByRole('radio', { name: 'PCA' }));
      await screen.findByRole('img', { name: /by PCA/ });
      await fireEvent.click(screen.getByRole('radio', { name: 't-SNE' }));
      await screen.findByRole('img', { name: /by t-SNE/ });
      expect(screen.queryByRole('progressbar')).toBeNull();
      expect(view.map?.points).toEqual(made?.points);
    }, 60_000);

    it('is stopped by Escape or the button, which leaves the former one', async () => {
      const { app, view, former } = await slow();
      await bar();
      expect(app.actions.run('embed.stop-map')).toBe(true);
      await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
      expect([view.map, view.method, view.mapProblem]).toEqual([former, 'pca', null]);
      expect(screen.getByRole('radio', { name: 'PCA' }).getAttribute('aria-checked')).toBe('true');
      await fireEvent.click(screen.getByRole('radio', { name: 't-SNE' }));
      await bar();
      await fireEvent.click(screen.getByRole('button', { name: 'Stop the map' }));
      await waitFor(() => expect(view.method).toBe('pca'));
      expect(view.map).toBe(former);
      expect(app.actions.run('embed.stop-map')).toBe(false);
    }, 60_000);

    it('says that there is none where it was stopped before the first', async () => {
      const { app, view } = await slow();
      await bar();
      void view.read();
      await tick();
      await bar();
      app.actions.run('embed.stop-map');
      await screen.findByText('The map was stopped before there was one.');
      await fireEvent.click(screen.getByRole('button', { name: 'Make the map' }));
      await screen.findByRole('img', { name: /by t-SNE/ }, { timeout: 20_000 });
    }, 60_000);
  });

  it('shows why a call failed, and the parameter that was refused', async () => {
    const { app } = await embedded(TEXTS, 'bge-422');
    const alert = await screen.findByRole('alert', { name: 'Lane A failed' });
    expect(alert.textContent).toContain('The server rejected dimensions');
    await fireEvent.click(within(alert).getByRole('button', { name: 'Go to dimensions' }));
    const row = await screen.findByRole('group', { name: 'dimensions' });
    expect(row.textContent).toContain('The server allows at most 384');
    expect(app.media.embed.draft.serverProblem(app.media.embed.lane!.id, 'dimensions')).not.toBeNull();
  });

  it('takes what is pasted on the page', async () => {
    await page();
    const clipboardData = { getData: () => 'one\ntwo “☀”\n' };
    await fireEvent.paste(document.body, { clipboardData });
    expect((await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Texts to add' })).value).toBe(
      'one\ntwo “☀”\n',
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Add 2 texts' }));
    expect(options().map((option) => option.textContent)).toEqual([
      expect.stringContaining('one'),
      expect.stringContaining('two “☀”'),
    ]);
  });

  it('reads a column of a table', async () => {
    const { app } = await page();
    await fireEvent.click(screen.getAllByRole('button', { name: 'Add texts' })[0]!);
    await fireEvent.click(screen.getByRole('radio', { name: 'CSV or JSONL file' }));
    const path = screen.getByRole('textbox', { name: 'Path of the table' });
    await fireEvent.input(path, { target: { value: 'tickets.csv' } });
    await fireEvent.keyDown(path, { key: 'Enter' });
    const column = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Column' });
    column.selectedIndex = 3;
    await fireEvent.change(column);
    await waitFor(() =>
      expect(screen.getByRole('list', { name: 'First texts of the column' }).textContent).toContain('Dansk'),
    );
    await fireEvent.click(await screen.findByRole('button', { name: 'Add 39 texts' }));
    const { texts } = app.media.embed.draft.comparison.draft;
    expect([texts.length, texts[0], texts[6]]).toEqual([39, 'English', '日本語']);
  });
});
