import { EditorView } from '@codemirror/view';
import { configure, fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { show, type Shown } from '../with-app/with-app';
import Composer from './Composer.svelte';
import { composerView } from './composer-view.svelte';

// The editor is loaded when it is first shown, which a busy computer takes its time for.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 20_000 });

beforeEach(() => {
  composerView.tab = 'messages';
  localStorage.clear();
});

async function view(): Promise<EditorView> {
  const found = await waitFor(() => {
    const box = screen.getByRole('textbox', { name: /^Request body of lane/ });
    const editor = EditorView.findFromDOM(box);
    expect(editor).not.toBeNull();
    return editor!;
  });
  return found;
}

async function json(): Promise<Shown & { editor: EditorView }> {
  const shown = await show(Composer);
  await fireEvent.click(await screen.findByRole('tab', { name: 'JSON' }));
  return { ...shown, editor: await view() };
}

/** Types `to` over the first `from` in the text. */
function retype(editor: EditorView, from: string, to: string): void {
  const at = editor.state.sliceDoc().indexOf(from);
  expect(at).toBeGreaterThanOrEqual(0);
  editor.dispatch({ changes: { from: at, to: at + from.length, insert: to } });
}

const applied = (check: () => void) => waitFor(check);

describe('the tab JSON', () => {
  it('shows every value as it is spelled and never spells a number anew', async () => {
    const { app, editor } = await json();
    const lane = app.comparison.currentLane;
    const numbers = ['1.0', '1e-3', '12345678901234567890', '-0', '0.20', '1E+400', '[1.50,{"a":9007199254740993}]'];
    for (const [index, number] of numbers.entries()) app.comparison.setParameter(lane, `x${index}`, number);
    await applied(() => expect(editor.state.sliceDoc()).toContain('"x6"'));
    const text = editor.state.sliceDoc();
    for (const [index, number] of numbers.slice(0, 6).entries()) expect(text).toContain(`"x${index}": ${number}`);
    expect(text.replace(/\s/g, '')).toContain(numbers[6]);

    retype(editor, '"x0": 1.0', '"x0": 2.00');
    await applied(() => expect(app.comparison.value(lane, 'x0')).toBe('2.00'));
    for (const [index, number] of numbers.entries()) {
      if (index > 0) expect(app.comparison.value(lane, `x${index}`)?.replace(/\s/g, '')).toBe(number);
    }
  });

  it('writes what is typed into the form, and leaves the text alone while it is typed', async () => {
    const { app, editor } = await json();
    const first = app.comparison.messages[0]!;
    retype(editor, '"role": "system"', '"role":   "developer"');
    await applied(() => expect(app.comparison.messages[0]?.role).toBe('developer'));
    expect(app.comparison.messages[0]?.id).toBe(first.id);
    expect(editor.state.sliceDoc()).toContain('"role":   "developer"');
  });

  it('keeps the last good form while there is an error, says where it is, and loses no text', async () => {
    const { app, editor } = await json();
    const before = app.comparison.snapshot();
    retype(editor, '"messages"', '"messages');
    expect(await screen.findByText(/^Not applied: line 3, /)).toBeTruthy();
    expect(app.comparison.snapshot()).toEqual(before);
    const broken = editor.state.sliceDoc();
    expect(within(screen.getByRole('tab', { name: /^JSON/ })).getByText('1')).toBeTruthy();

    await fireEvent.click(screen.getByRole('tab', { name: /^Messages/ }));
    expect(screen.getByRole('textbox', { name: 'System message' })).toBeTruthy();
    await fireEvent.click(screen.getByRole('tab', { name: /^JSON/ }));
    const again = await view();
    expect(again.state.sliceDoc()).toBe(broken);
    expect(await screen.findByText(/^Not applied: line 3, /)).toBeTruthy();

    await fireEvent.click(screen.getByRole('button', { name: "Back to the form's text" }));
    await applied(() => expect(again.state.sliceDoc()).toContain('"messages":'));
  });

  it('does not undo edits of the form with a text that was kept', async () => {
    const { app, editor } = await json();
    retype(editor, '"messages"', '"messages');
    await screen.findByText(/^Not applied: line 3, /);
    await fireEvent.click(screen.getByRole('tab', { name: /^Messages/ }));
    const message = app.comparison.messages[0]!;
    app.comparison.setText(message, 'Written in the form');

    await fireEvent.click(screen.getByRole('tab', { name: /^JSON/ }));
    const again = await view();
    await screen.findByText(/^Not applied: line 3, /);
    expect(app.comparison.messages[0]?.content).toEqual({ kind: 'text', text: 'Written in the form' });
    await fireEvent.click(screen.getByRole('button', { name: "Back to the form's text" }));
    await applied(() => expect(again.state.sliceDoc()).toContain('Written in the form'));
  });

  it('warns of a value out of range and sends it all the same', async () => {
    const { app, editor } = await json();
    const lane = app.comparison.currentLane;
    app.comparison.setParameter(lane, 'temperature', '0.5');
    await applied(() => expect(editor.state.sliceDoc()).toContain('"temperature": 0.5'));
    retype(editor, '"temperature": 0.5', '"temperature": 7.50');
    await applied(() => expect(app.comparison.value(lane, 'temperature')).toBe('7.50'));
    expect(await screen.findByText(/^Line \d+, temperature: /)).toBeTruthy();
  });

  it('says when the body is written by hand, and goes back', async () => {
    const { app } = await json();
    app.comparison.setRawBody(app.comparison.currentLane, '{"by":"hand"}');
    expect(await screen.findByText(/is written by hand/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }));
    expect((await view()).state.sliceDoc()).toContain('"messages"');
    expect(app.comparison.current?.rawBody).toBeNull();
  });

  it('of another endpoint than the base becomes the body of its lane, and can be typed on', async () => {
    const { app } = await json();
    const lane = app.comparison.comparison.lanes[1]!.id;
    app.comparison.selectLane(lane);
    await screen.findByLabelText('Request body of lane B');
    const editor = await view();
    await app.comparison.endpoints.set(lane, 'responses');
    await applied(() => expect(editor.state.sliceDoc()).toContain('"input"'));
    expect(screen.getByText(/An edit here is sent as it is written/)).toBeTruthy();
    retype(editor, '"input"', '"x": 1.0, "input"');
    await applied(() => expect(app.comparison.current?.rawBody).toContain('"x": 1.0, "input"'));
    expect(await screen.findByText(/sends this body as it is written here/)).toBeTruthy();
    const again = await view();
    expect(again).toBe(editor);
    retype(again, '1.0', '2.00');
    await applied(() => expect(app.comparison.current?.rawBody).toContain('"x": 2.00, "input"'));

    await fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }));
    await applied(() => expect(editor.state.sliceDoc()).not.toContain('"x"'));
    expect(app.comparison.current?.rawBody).toBeNull();
  });
});
