import { EditorView } from '@codemirror/view';
import { configure, fireEvent, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { laneMenu } from '../compare/lane-menu';
import { show, type Shown } from '../with-app/with-app';
import BodyDialog from './BodyDialog.svelte';
import { bodyDialog } from './body-dialog.svelte';

// The editor is loaded when it is first shown, which a busy computer takes its time for.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 20_000 });

beforeEach(() => {
  bodyDialog.current = null;
});

async function dialog(letter: string): Promise<EditorView> {
  return waitFor(() => {
    const editor = EditorView.findFromDOM(screen.getByRole('textbox', { name: `Exact body of lane ${letter}` }));
    expect(editor).not.toBeNull();
    return editor!;
  });
}

function write(editor: EditorView, text: string): void {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: editor.state.toText(text) } });
}

function choose({ app }: Shown, lane: number, label: string): void {
  const item = laneMenu(app, app.comparison.comparison.lanes[lane]!).find((one) => one.label === label);
  expect(item).toBeDefined();
  item!.run();
}

const ODD = '{"model":"x",\r\n "n": 1.0, "n": 12345678901234567890, "t": "ä🐟\\ud800"}\n';

describe('edit before sending', () => {
  it('shows the exact bytes with their variables filled in, and masked headers', async () => {
    const shown = await show(BodyDialog);
    const { app, host } = shown;
    const preview = await host.preview(app.comparison.snapshot(), app.comparison.currentLane);
    choose(shown, 0, 'Edit before sending');
    const editor = await dialog('A');
    expect(preview.kind === 'ready' && editor.state.sliceDoc() === preview.request.body).toBe(true);
    expect(screen.getByLabelText('Headers').textContent).toContain('••••');
    await fireEvent.click(screen.getByRole('button', { name: 'Pretty' }));
    await waitFor(() => expect(editor.state.sliceDoc()).toContain('\n  "messages": ['));
  });

  it('sends once what is written, byte for byte, and changes nothing', async () => {
    const shown = await show(BodyDialog);
    const { app, host } = shown;
    const before = app.comparison.snapshot();
    const start = vi.spyOn(host, 'startRun');
    choose(shown, 1, 'Edit before sending');
    write(await dialog('B'), ODD);
    await fireEvent.click(screen.getByRole('button', { name: 'Send once' }));
    await waitFor(() => expect(start).toHaveBeenCalledOnce());
    const [sent, lanes] = start.mock.calls[0]!;
    expect(lanes).toEqual([before.lanes[1]!.id]);
    expect(sent.lanes[1]!.rawBody).toBe(ODD);
    expect(sent.lanes[0]).toEqual(before.lanes[0]);
    expect(app.comparison.snapshot()).toEqual(before);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('lets a body be sent that is no JSON, and says so', async () => {
    const shown = await show(BodyDialog);
    choose(shown, 0, 'Edit before sending');
    write(await dialog('A'), '{"model": tru');
    expect(await screen.findByText(/^Not JSON\. .*It can be sent all the same\.$/)).toBeTruthy();
    expect(screen.getByText('13 bytes')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Keep for this lane' }));
    expect(shown.app.comparison.current?.rawBody).toBe('{"model": tru');
    expect(shown.app.runs.startReason([shown.app.comparison.currentLane])).toBeNull();
  });

  it('stops at lanes that pause, one after the other, while the others run', async () => {
    const shown = await show(BodyDialog);
    const { app, host } = shown;
    const [a, b, c] = app.comparison.comparison.lanes.map(({ id }) => id);
    const start = vi.spyOn(host, 'startRun');
    choose(shown, 1, 'Pause before sending');
    choose(shown, 2, 'Pause before sending');
    await app.runs.start();
    expect(start.mock.calls.map(([, lanes]) => lanes)).toEqual([[a]]);
    expect(app.runs.paused).toEqual([b, c]);

    write(await dialog('B'), '{}');
    await fireEvent.click(screen.getByRole('button', { name: 'Send once' }));
    await dialog('C');
    expect(start.mock.calls.map(([, lanes]) => lanes)).toEqual([[a], [b]]);
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(app.runs.paused).toEqual([]);
    expect(start).toHaveBeenCalledTimes(2);
  });
});
