import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { Preview } from '../../bindings/Preview';
import { show, type Shown } from '../with-app/with-app';
import ParameterPanel from './ParameterPanel.svelte';

/** The sample has three lanes; `lane` is the index of the one on screen. */
async function panel(lane = 0): Promise<Shown & { id: string }> {
  const shown = await show(ParameterPanel);
  const id = shown.app.comparison.comparison.lanes[lane]?.id ?? '';
  shown.app.comparison.selectLane(id);
  await screen.findByRole('region', { name: `Parameters of lane ${shown.app.comparison.laneLetter(lane)}` });
  return { ...shown, id };
}

const row = (name: string): HTMLElement => screen.getByRole('group', { name });
const radio = (name: string, state: string): HTMLElement =>
  within(row(name)).getByRole('radio', { name: state, hidden: true });
const chosen = (name: string): string | null =>
  within(row(name)).getByRole('radio', { checked: true, hidden: true }).textContent;

async function type(field: HTMLElement, text: string): Promise<void> {
  (field as HTMLInputElement).value = text;
  await fireEvent.input(field);
}

describe('an unset parameter', () => {
  it('is drawn as absence and sends no key', async () => {
    const { app, id } = await panel();
    expect(chosen('top_p')).toBe('unset');
    expect(within(row('top_p')).queryByRole('spinbutton')).toBeNull();
    expect(app.comparison.value(id, 'top_p')).toBeNull();
    const preview = (await app.host.preview(app.comparison.snapshot(), id)) as Preview & { kind: 'ready' };
    expect(Object.keys(JSON.parse(preview.request.body) as object)).not.toContain('top_p');
  });

  it('still sends nothing when "value" is chosen and nothing is typed', async () => {
    const { app, id } = await panel();
    await fireEvent.click(radio('top_p', 'value'));
    expect(chosen('top_p')).toBe('value');
    expect(app.comparison.value(id, 'top_p')).toBeNull();
    await fireEvent.focusOut(within(row('top_p')).getByRole('spinbutton'), { relatedTarget: document.body });
    expect(chosen('top_p')).toBe('unset');
  });

  it('is set by typing a digit in its row', async () => {
    const { app, id } = await panel();
    await fireEvent.keyDown(radio('top_p', 'unset'), { key: '0' });
    expect(app.comparison.value(id, 'top_p')).toBe('0');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('top_p'));
  });
});

describe('a number', () => {
  it('is sent as it is spelled', async () => {
    const { app, id } = await panel();
    await type(within(row('temperature')).getByRole('spinbutton'), '0.20');
    expect(app.comparison.value(id, 'temperature')).toBe('0.20');
    const preview = (await app.host.preview(app.comparison.snapshot(), id)) as Preview & { kind: 'ready' };
    expect(preview.request.body).toContain('"temperature":0.20');
  });

  it('steps with the arrow keys, ten with Shift, a tenth with Alt', async () => {
    const { app, id } = await panel();
    const field = within(row('temperature')).getByRole('spinbutton');
    await type(field, '0.5');
    await fireEvent.keyDown(field, { key: 'ArrowUp' });
    await fireEvent.keyDown(field, { key: 'ArrowUp', shiftKey: true });
    await fireEvent.keyDown(field, { key: 'ArrowDown', altKey: true });
    expect(app.comparison.value(id, 'temperature')).toBe('1.59');
  });

  it('moves with its slider', async () => {
    const { app, id } = await panel();
    const slider = screen.getByRole('slider', { name: 'temperature slider' });
    (slider as HTMLInputElement).valueAsNumber = 1.5;
    await fireEvent.input(slider);
    expect(app.comparison.value(id, 'temperature')).toBe('1.5');
  });

  it('outside the documented range is warned about and sent all the same', async () => {
    const { app, id } = await panel();
    await type(within(row('temperature')).getByRole('spinbutton'), '2.4');
    expect(within(row('temperature')).getByText('Documented as at most 2')).toBeTruthy();
    expect(app.comparison.value(id, 'temperature')).toBe('2.4');
  });

  it('that is emptied sends no key, and Backspace in the empty field is "unset"', async () => {
    const { app, id } = await panel();
    const field = within(row('temperature')).getByRole('spinbutton');
    await type(field, '');
    expect(app.comparison.value(id, 'temperature')).toBeNull();
    expect(chosen('temperature')).toBe('value');
    await fireEvent.keyDown(field, { key: 'Backspace' });
    expect(chosen('temperature')).toBe('unset');
  });
});

describe('the three states', () => {
  it('are chosen with Left and Right, u and n', async () => {
    const { app, id } = await panel();
    await fireEvent.keyDown(radio('temperature', 'value'), { key: 'ArrowRight' });
    expect(app.comparison.value(id, 'temperature')).toBe('null');
    await fireEvent.keyDown(radio('temperature', 'null'), { key: 'u' });
    expect(app.comparison.value(id, 'temperature')).toBeNull();
    await fireEvent.keyDown(radio('temperature', 'unset'), { key: 'n' });
    expect(app.comparison.value(id, 'temperature')).toBe('null');
  });

  it('are not reached by letters in a text field', async () => {
    const { app, id } = await panel();
    const before = app.comparison.value(id, 'temperature');
    await fireEvent.keyDown(within(row('temperature')).getByRole('spinbutton'), { key: 'u' });
    expect(app.comparison.value(id, 'temperature')).toBe(before);
  });

  it('give the value back that was there before', async () => {
    const { app, id } = await panel();
    const before = app.comparison.value(id, 'temperature');
    await fireEvent.click(radio('temperature', 'unset'));
    await fireEvent.click(radio('temperature', 'value'));
    expect(app.comparison.value(id, 'temperature')).toBe(before);
  });
});

describe('a lane that differs', () => {
  it('has a mark, and a way back to the value of lane A', async () => {
    const { app, id } = await panel(2);
    const base = app.comparison.baseValue('temperature');
    expect(within(row('temperature')).getByText('Differs from lane A')).toBeTruthy();
    await fireEvent.click(within(row('temperature')).getByRole('button', { name: `Reset to ${base}, temperature` }));
    expect(app.comparison.value(id, 'temperature')).toBe(base);
    expect(within(row('temperature')).queryByText('Differs from lane A')).toBeNull();
  });

  it('goes back with Delete, and as a whole with one button', async () => {
    const { app, id } = await panel(2);
    const number = app.comparison.modified(id).length;
    await fireEvent.keyDown(radio('temperature', 'value'), { key: 'Delete' });
    expect(app.comparison.modified(id)).toHaveLength(number - 1);
    await fireEvent.click(screen.getByRole('button', { name: /^Reset \d modified parameters?$/ }));
    expect(app.comparison.modified(id)).toEqual([]);
  });

  it('leaves lane A alone', async () => {
    const { app } = await panel(2);
    const before = app.comparison.baseValue('temperature');
    await type(within(row('temperature')).getByRole('spinbutton'), '1.1');
    expect(app.comparison.baseValue('temperature')).toBe(before);
  });
});

describe('what the server rejected', () => {
  it('stands in red at its control, which gets the focus', async () => {
    const { app, id } = await panel(2);
    app.comparison.setServerProblems(id, [
      {
        path: ['body', 'temperature'],
        message: 'Input should be less than or equal to 2',
        parameter: 'temperature',
        input: '2.4',
      },
    ]);
    app.comparison.focusParameter(id, 'temperature');
    await waitFor(() => expect(document.activeElement).toBe(within(row('temperature')).getByRole('spinbutton')));
    expect(within(row('temperature')).getByRole('alert').textContent).toContain('The server allows at most 2');
    expect(document.activeElement?.getAttribute('aria-invalid')).toBe('true');
    await type(within(row('temperature')).getByRole('spinbutton'), '2');
    expect(within(row('temperature')).queryByRole('alert')).toBeNull();
  });

  it('brings the lane and hides the filter that would hide it', async () => {
    const { app, id } = await panel(0);
    await type(screen.getByRole('searchbox'), 'stop');
    expect(screen.queryByRole('group', { name: 'temperature' })).toBeNull();
    app.comparison.focusParameter(app.comparison.comparison.lanes[2]?.id ?? id, 'temperature');
    await screen.findByRole('region', { name: 'Parameters of lane C' });
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('temperature'));
  });
});

describe('other kinds of values', () => {
  it('keep one stop text a text until it is made a list', async () => {
    const { app, id } = await panel();
    await fireEvent.click(radio('stop', 'value'));
    const field = within(row('stop')).getByRole('textbox', { name: 'stop' });
    await type(field, 'END');
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(app.comparison.value(id, 'stop')).toBe('"END"');
    await fireEvent.click(within(row('stop')).getByRole('button', { name: 'Send as a list of one' }));
    expect(app.comparison.value(id, 'stop')).toBe('["END"]');
  });

  it('name the place where JSON breaks, and keep what was typed', async () => {
    const { app, id } = await panel();
    await fireEvent.click(radio('response_format', 'value'));
    await type(within(row('response_format')).getByRole('textbox', { name: 'response_format' }), '{"type" 1}');
    expect(app.comparison.value(id, 'response_format')).toBe('{"type" 1}');
    expect(within(row('response_format')).getByText(/A colon is missing after the name/)).toBeTruthy();
  });

  it('offer an example to start from', async () => {
    const { app, id } = await panel();
    await fireEvent.click(radio('response_format', 'value'));
    await fireEvent.click(within(row('response_format')).getByRole('button', { name: 'Insert example' }));
    expect(JSON.parse(app.comparison.value(id, 'response_format') ?? '')).toEqual({ type: 'json_object' });
  });

  it('switch on and off', async () => {
    const { app, id } = await panel();
    await fireEvent.click(radio('logprobs', 'value'));
    expect(app.comparison.value(id, 'logprobs')).toBe('true');
    await fireEvent.click(within(row('logprobs')).getByRole('switch', { name: 'logprobs' }));
    expect(app.comparison.value(id, 'logprobs')).toBe('false');
  });
});

describe('keys that the table does not know', () => {
  it('are added, renamed and removed, and sent as they are', async () => {
    const { app, id } = await panel();
    await fireEvent.click(screen.getByRole('button', { name: 'Add key' }));
    await type(screen.getByRole('textbox', { name: 'Name of the new key' }), 'my_key');
    await type(screen.getByRole('textbox', { name: 'Value of the new key' }), '[1.50]');
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(app.comparison.effective(id).at(-1)).toMatchObject({ name: 'my_key', json: '[1.50]' });
    const name = screen.getByRole('textbox', { name: 'Name of my_key' });
    await type(name, 'your_key');
    await fireEvent.blur(name);
    expect(app.comparison.effective(id).at(-1)).toMatchObject({ name: 'your_key', json: '[1.50]' });
    await fireEvent.click(screen.getByRole('button', { name: 'Remove your_key' }));
    expect(app.comparison.value(id, 'your_key')).toBeNull();
  });

  it('cannot take the place of the model or of a key that is sent already', async () => {
    await panel();
    await fireEvent.click(screen.getByRole('button', { name: 'Add key' }));
    const name = screen.getByRole('textbox', { name: 'Name of the new key' });
    await type(name, 'model');
    expect(screen.getByText('The lane says which model')).toBeTruthy();
    await type(name, 'temperature');
    expect(screen.getByText('temperature is sent already')).toBeTruthy();
  });

  it('show what a lane leaves out because its dialect does not document it', async () => {
    const { app } = await panel();
    const [base] = app.comparison.comparison.lanes;
    app.comparison.setParameter(base!.id, 'top_k', '40');
    const grid = app.connections.find(({ dialect }) => dialect === 'scaigridV1');
    app.comparison.addLane(grid?.id ?? '', 'llama');
    await waitFor(() => expect(row('top_k').textContent).toContain('ScaiGrid v1 does not document it'));
    expect(app.comparison.value(app.comparison.currentLane, 'top_k')).toBeNull();
    await fireEvent.click(within(row('top_k')).getByRole('button', { name: 'Reset to 40, top_k' }));
    expect(app.comparison.value(app.comparison.currentLane, 'top_k')).toBe('40');
  });
});

describe('the foot of the panel', () => {
  it('says how many keys and bytes would be sent, from the preview', async () => {
    const { app, id } = await panel();
    const preview = (await app.host.preview(app.comparison.snapshot(), id)) as Preview & { kind: 'ready' };
    const keys = Object.keys(JSON.parse(preview.request.body) as object).length;
    await waitFor(() => expect(screen.getByText(`${keys} keys`)).toBeTruthy(), { timeout: 5000 });
  });

  it('says why nothing can be sent', async () => {
    const { app } = await panel();
    vi.spyOn(app.host, 'preview').mockResolvedValue({
      kind: 'refused',
      error: { kind: 'template', names: ['weeks'], unfit: [] },
    });
    app.comparison.touch();
    await waitFor(() => expect(screen.getByText('Fill weeks')).toBeTruthy(), { timeout: 5000 });
  });
});
