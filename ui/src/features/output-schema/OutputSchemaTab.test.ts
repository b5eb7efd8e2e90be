import { EditorView } from '@codemirror/view';
import { configure, fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import Composer from '../compose/Composer.svelte';
import { composerView } from '../compose/composer-view.svelte';
import { schemaView } from '../schema/schema-view.svelte';
import { show } from '../with-app/with-app';
import { outputView } from './output-view.svelte';

// The editor is loaded when it is first shown, which a busy computer takes its time for.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 20_000 });

beforeEach(() => {
  composerView.tab = 'messages';
  outputView.own = {};
  localStorage.clear();
});

const SCHEMA = '{"type":"object","properties":{"items":{"type":"array","items":{"type":"string","enum":["a"]}}}}';
const FORMAT = `{"type":"json_schema", "json_schema":{"name":"order","x-own":1.0,"schema":${SCHEMA}}}`;

async function open(format: string | null = FORMAT) {
  const shown = await show(Composer);
  const { comparison } = shown.app;
  const base = comparison.comparison.lanes[0]!.id;
  comparison.selectLane(base);
  if (format !== null) comparison.setParameter(base, 'response_format', format);
  await fireEvent.click(await screen.findByRole('tab', { name: /^Output schema/ }));
  return { ...shown, comparison, base, value: () => comparison.value(base, 'response_format') };
}

const mode = (name: string) => screen.getByRole('radio', { name });

describe('the tab Output schema', () => {
  it('shows what is sent and changes nothing by that', async () => {
    const { value } = await open();
    expect(mode('JSON schema').getAttribute('aria-checked')).toBe('true');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Name of the schema' }).value).toBe('order');
    for (const row of screen.getAllByRole('treeitem')) await fireEvent.click(row);
    expect(value()).toBe(FORMAT);
  });

  it('sends nothing until a form is chosen, and brings a schema back', async () => {
    const { value } = await open(null);
    expect(value()).toBeNull();
    await fireEvent.click(mode('JSON schema'));
    expect(JSON.parse(value()!).json_schema.strict).toBe(true);
    await fireEvent.click(screen.getByRole('button', { name: 'Property' }));
    const kept = value();
    expect(Object.keys(JSON.parse(kept!).json_schema.schema.properties)).toEqual(['property']);
    await fireEvent.click(mode('JSON object'));
    expect(JSON.parse(value()!)).toEqual({ type: 'json_object' });
    expect(screen.getByText(/No message says JSON/)).toBeTruthy();
    await fireEvent.click(mode('None'));
    expect(value()).toBeNull();
    await fireEvent.click(mode('JSON schema'));
    expect(value()).toBe(kept);
  });

  it('changes the name and nothing beside it, and says what a server would refuse', async () => {
    const { value } = await open();
    const name = screen.getByRole('textbox', { name: 'Name of the schema' });
    await fireEvent.input(name, { target: { value: 'größe' } });
    expect(value()).toBe(FORMAT.replace('"order"', '"größe"'));
    expect(screen.getByText(/letters, digits/)).toBeTruthy();
  });

  it('is of one lane when the lane has its own, and shared again', async () => {
    const { comparison, value } = await open();
    const other = comparison.comparison.lanes
      .slice(1)
      .find(({ id }) => !comparison.isLeftOut(id, 'response_format'))!.id;
    comparison.selectLane(other);
    await fireEvent.click(await screen.findByRole('button', { name: /^Own schema for lane/ }));
    await fireEvent.input(screen.getByRole('textbox', { name: 'Name of the schema' }), { target: { value: 'mine' } });
    expect(value()).toBe(FORMAT);
    expect(comparison.value(other, 'response_format')).toBe(FORMAT.replace('"order"', '"mine"'));
    expect(screen.getByText(/^Schema of lane/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Use the shared schema' }));
    expect(comparison.value(other, 'response_format')).toBe(FORMAT);
  });

  it('says when a lane leaves the schema out because its server knows none', async () => {
    const { comparison } = await open();
    const other = comparison.comparison.lanes.find(({ id }) => comparison.isLeftOut(id, 'response_format'))!.id;
    comparison.selectLane(other);
    await fireEvent.click(await screen.findByRole('button', { name: 'Send it all the same' }));
    expect(comparison.value(other, 'response_format')).toBe(FORMAT);
  });

  it('is in the words of responses when the base lane is one', async () => {
    const { comparison, base } = await open(null);
    await comparison.endpoints.set(base, 'responses');
    comparison.setParameter(base, 'text', '{"verbosity":"low"}');
    await fireEvent.click(await screen.findByRole('radio', { name: 'JSON schema' }));
    const text = JSON.parse(comparison.value(base, 'text')!);
    expect([text.verbosity, text.format.type, text.format.name]).toEqual(['low', 'json_schema', 'answer']);
  });

  it('keeps code that is no JSON yet while other tabs are shown, and sends the last good schema', async () => {
    const { value } = await open();
    await fireEvent.click(screen.getByRole('radio', { name: 'Code' }));
    const view = () =>
      waitFor(() => {
        const found = EditorView.findFromDOM(screen.getByRole('textbox', { name: 'Output schema' }));
        expect(found).not.toBeNull();
        return found!;
      });
    const editor = await view();
    expect(editor.state.sliceDoc()).toBe(SCHEMA);
    editor.dispatch({ changes: { from: 1, insert: '"title":"größe 😀' } });
    await screen.findByText(/^Not applied: /);
    const broken = editor.state.sliceDoc();
    expect(value()).toBe(FORMAT);

    await fireEvent.click(screen.getByRole('tab', { name: /^Messages/ }));
    await fireEvent.click(screen.getByRole('tab', { name: /^Output schema/ }));
    const again = await view();
    expect(again.state.sliceDoc()).toBe(broken);
    again.dispatch({ changes: { from: broken.indexOf('😀') + 2, insert: '",' } });
    await waitFor(() => expect(value()).toBe(FORMAT.replace(SCHEMA, SCHEMA.replace('{', '{"title":"größe 😀",'))));
  });

  it('opens at a place that is asked for', async () => {
    await open();
    await fireEvent.click(screen.getByRole('tab', { name: /^Messages/ }));
    schemaView.show('#/properties/items/items/enum');
    const tree = await screen.findByRole('tree');
    await waitFor(() => {
      expect(within(tree).getByRole('treeitem', { selected: true }).getAttribute('aria-level')).toBe('3');
    });
    expect(screen.getByRole('group', { name: 'enum' }).className).toContain('lit');
  });
});
