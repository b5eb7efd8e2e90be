import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesOfDataUrl } from '../../lib/data-url';
import { show, type Shown } from '../with-app/with-app';
import { imagesView, type ImagesView } from './images-view.svelte';
import ImagesPage from './ImagesPage.svelte';

const PROMPT = 'A “low” cliff in {{weather}} weather, \\ 🌊, no text';

async function page(): Promise<Shown & { view: ImagesView }> {
  const shown = await show(ImagesPage, 'images');
  await screen.findByRole('textbox', { name: 'Prompt' });
  return { ...shown, view: imagesView(shown.app) };
}

/** Fills in what a grid of six needs, as a person would. */
async function filled(model = 'openai/dall-e-3') {
  const shown = await page();
  await fireEvent.input(screen.getByRole('textbox', { name: 'Prompt' }), { target: { value: PROMPT } });
  shown.view.draft.setModel(shown.view.document.lane!.id, model);
  await vary('Columns', '{{weather}}', ['calm', 'fog', 'storm']);
  await vary('Rows', 'quality', ['standard', 'hd']);
  return shown;
}

async function vary(which: string, subject: string, values: string[]) {
  await fireEvent.click(screen.getByRole('button', { name: new RegExp(`^${which}:`) }));
  const select: HTMLSelectElement = await screen.findByRole('combobox', { name: `${which} vary` });
  await fireEvent.change(select, { target: { value: subject } });
  const field = await screen.findByRole('textbox', { name: 'Values, one on each line' });
  await fireEvent.input(field, { target: { value: values.join('\n') } });
  await fireEvent.click(screen.getByRole('button', { name: new RegExp(`^${which}:`) }));
}

async function generated(model?: string) {
  const shown = await filled(model);
  expect(shown.app.actions.run('images.generate')).toBe(true);
  await waitFor(() => expect(shown.view.document.cells.length).toBe(6));
  await waitFor(() => expect(shown.view.document.isLive).toBe(false), { timeout: 6000 });
  return shown;
}

const options = () => within(screen.getByRole('listbox', { name: 'Image grid' })).getAllByRole('option');
const names = () => options().map((option) => option.getAttribute('aria-label'));

beforeEach(() => {
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true });
  URL.createObjectURL = () => 'blob:picture';
  URL.revokeObjectURL = () => {};
});

describe('the images', () => {
  it('says what is missing before anything is sent', async () => {
    const { app, view } = await page();
    view.draft.setModel(view.document.lane!.id, '');
    expect(app.actions.disabledReason('images.generate')).toBe('Choose a model');
    view.draft.setModel(view.document.lane!.id, 'openai/dall-e-3');
    expect(app.actions.disabledReason('images.generate')).toBe('Write a prompt');
    view.setPrompt(PROMPT);
    expect(app.actions.disabledReason('images.generate')).toBe('Fill weather');
    await vary('Columns', '{{weather}}', ['fog']);
    expect(app.actions.disabledReason('images.generate')).toBeNull();
  });

  it('makes one call for each place, with its values in the body', async () => {
    const { view } = await generated();
    expect(names()).toEqual(['calm, standard', 'fog, standard', 'storm, standard', 'calm, hd', 'fog, hd', 'storm, hd']);
    const bodies = view.tiles.map(
      ({ cell }) => JSON.parse(cell!.head.request!.body) as { prompt: string; quality: string },
    );
    expect(bodies.map(({ quality }) => quality)).toEqual(['standard', 'standard', 'standard', 'hd', 'hd', 'hd']);
    expect(bodies[5]?.prompt).toBe('A “low” cliff in storm weather, \\ 🌊, no text');
    await waitFor(() => expect(options()[5]?.querySelector('img')?.src).toBe('blob:picture'));
    expect(options()[5]?.textContent).toMatch(/finished, .+ s, \$0\.08, 77\.0 kB/);
  });

  it('walks by arrows, and holds A against B', async () => {
    const { app, view } = await generated();
    await waitFor(() => expect(view.keyOf(view.tiles[2]!)).not.toBeNull());
    await waitFor(() => expect(view.keyOf(view.tiles[5]!)).not.toBeNull());
    options()[0]!.focus();
    await fireEvent.keyDown(options()[0]!, { key: 'ArrowRight' });
    await fireEvent.keyDown(options()[1]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(options()[2]);
    expect(app.actions.run('images.a')).toBe(true);
    await fireEvent.keyDown(options()[2]!, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(options()[5]);
    expect(app.actions.run('images.b')).toBe(true);
    const pane = screen.getByRole('region', { name: 'A and B' });
    await waitFor(() => expect(pane.textContent).toMatch(/Request differs in quality.*Pixels that differ \d+\.\d %/));
    expect(pane.querySelector('ins')?.textContent).toContain('in clear light');
    await fireEvent.click(within(pane).getByRole('radio', { name: 'Side by side' }));
    expect(within(pane).getByRole('switch', { name: 'Link zoom' }).getAttribute('aria-checked')).toBe('true');
    view.setZoom('a', { factor: 4, x: 0.2, y: 0.8 });
    expect(view.zooms.b).toEqual({ factor: 4, x: 0.2, y: 0.8 });
    view.link(false);
    view.setZoom('a', { factor: 2, x: 0.5, y: 0.5 });
    expect(view.zooms.b.factor).toBe(4);
  });

  it('tells of a failure in its place, leads to the exchange, and tries that one again', async () => {
    const { app, view } = await generated('model-422');
    expect(view.failed).toHaveLength(6);
    options()[1]!.focus();
    expect((await screen.findByRole('alert')).textContent).toContain('The server rejected temperature');
    expect(app.actions.run('images.inspect')).toBe(true);
    expect(view.scope.app.inspector.cell?.id).toBe(view.tiles[1]!.cell!.id);
    const before = view.document.cells.map(({ id }) => id);
    await view.retry([view.tiles[1]!]);
    const after = view.document.cells.map(({ id }) => id);
    expect(after[1]).not.toBe(before[1]);
    expect(after.toSpliced(1, 1)).toEqual(before.toSpliced(1, 1));
  });

  it('refuses a picture that is too large with a reason, keeps its bytes, and shows the others', async () => {
    const { view, host } = await filled();
    await vary('Rows', 'size', ['256x256', '40000x40000']);
    await view.start();
    await waitFor(() => expect(view.document.isLive).toBe(false), { timeout: 6000 });
    const tile = view.tiles.find(({ name }) => name.endsWith('40000x40000'))!;
    await waitFor(() => expect(view.pictureOf(tile)?.problem).toContain('32768 pixels'));
    await waitFor(() => expect(view.keyOf(view.tiles[0]!)).not.toBeNull());
    expect(view.keyOf(tile)).toBeNull();
    await waitFor(() => expect(options()[tile.index]!.textContent).toContain('The picture is not shown'));
    view.current = tile.index;
    const pane = screen.getByRole('region', { name: 'A and B' });
    const saved = vi.spyOn(host, 'savePicture');
    await fireEvent.click(await within(pane).findByRole('button', { name: 'Save as it came' }));
    await waitFor(() => expect(saved).toHaveBeenCalled());
    const [name, bytes] = saved.mock.calls[0]!;
    expect(name).toMatch(/\.png$/);
    expect(bytes).toHaveLength(view.pictureOf(tile)!.bytes);
  });

  it('brings every field back from a PNG that it saved', async () => {
    const { app, host, view } = await generated();
    const saved: { name: string; bytes: Uint8Array }[] = [];
    vi.spyOn(host, 'savePicture').mockImplementation(async (name, bytes) => {
      saved.push({ name, bytes });
      return { path: `/${name}`, bytes: bytes.length };
    });
    await waitFor(() => expect(view.keyOf(view.tiles[5]!)).not.toBeNull());
    view.current = 5;
    app.actions.run('images.save.png');
    await waitFor(() => expect(saved).toHaveLength(1));
    app.actions.run('images.sheet');
    await waitFor(() => expect(saved).toHaveLength(2));
    expect(saved.map(({ name }) => name)).toEqual([
      'A-low-cliff-in-weather storm-hd.png',
      'A-low-cliff-in-weather contact-sheet.png',
    ]);

    const before = view.document.draft.comparison.id;
    view.document.create((made) => (made.lanes[0]!.model = ''));
    await app.imports.files(saved.slice(0, 1).map(({ name, bytes }) => new File([bytes.slice()], name)));
    const { draft, lanes, id } = view.document.draft.comparison;
    expect(id).not.toBe(before);
    expect(view.prompt).toBe(PROMPT);
    expect(lanes[0]?.model).toBe('openai/dall-e-3');
    expect(draft.parameters).toEqual([{ name: 'quality', json: '"hd"' }]);
    expect(draft.variables).toMatchObject([{ name: 'weather', value: 'storm' }]);
    expect(draft.grid).toEqual({ columns: null, rows: null });

    await app.imports.files(saved.slice(1).map(({ name, bytes }) => new File([bytes.slice()], name)));
    expect(view.document.draft.comparison.draft.grid).toEqual({
      columns: { subject: { kind: 'variable', name: 'weather' }, values: ['calm', 'fog', 'storm'] },
      rows: { subject: { kind: 'parameter', name: 'quality' }, values: ['standard', 'hd'] },
    });
    expect(bytesOfDataUrl('data:image/png;base64,AAE=')).toEqual(Uint8Array.of(0, 1));
  });

  it('shows grids of before, with their pictures', async () => {
    const { view } = await generated();
    const first = view.document.run!.summary.id;
    await view.start();
    await waitFor(() => expect(view.document.run?.summary.id).not.toBe(first));
    const strip = await screen.findByRole('region', { name: 'Earlier grids' });
    const earlier = within(strip).getByRole('button', { name: /^A “low” cliff in weather, .*, 6 images$/ });
    await waitFor(() => expect(earlier.querySelector('img')?.src).toContain('data:image/png'));
    await fireEvent.click(earlier);
    await waitFor(() => expect(view.document.run?.summary.id).toBe(first));
    expect(view.tiles.every(({ cell }) => cell?.head.run === first)).toBe(true);
  });
});
