import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointKind } from '../../bindings/EndpointKind';
import { painter } from '../../state/runs/painter';
import ParameterPanel from '../params/ParameterPanel.svelte';
import { show, type Shown } from '../with-app/with-app';
import { responseEnding } from './endings';
import Lanes from './Lanes.svelte';
import { laneView } from './lane-view.svelte';

beforeEach(() => (laneView.view = 'answers'));
afterEach(() => {
  laneView.choosingModel = null;
  painter.paint();
});

const lane = (letter: string) => within(screen.getByRole('region', { name: `Lane ${letter}` }));

async function lanes(...endpoints: EndpointKind[]): Promise<Shown> {
  const shown = await show(Lanes, 'compare', { endpoints });
  await tick();
  painter.paint();
  return shown;
}

describe('the endpoint of a lane', () => {
  it('stands in its head, and its picker offers what the connection has', async () => {
    const { app } = await lanes('chat', 'generate', 'responses');
    expect(lane('C').getByText('Scale prod / responses')).toBeTruthy();
    laneView.choosingModel = app.comparison.comparison.lanes[2]!.id;
    const group = within(await screen.findByRole('radiogroup', { name: 'Endpoint' }));
    expect(group.getAllByRole('radio').map((radio) => radio.textContent)).toEqual([
      'Chat',
      'Responses',
      'Generic',
      'Completions',
    ]);
    expect(group.getByRole('radio', { checked: true }).textContent).toBe('Responses');
    await fireEvent.click(group.getByRole('radio', { name: 'Completions' }));
    expect(app.comparison.comparison.lanes[2]!.endpoint).toBe('completions');
  });

  it('is taken with another connection and a model, when both are chosen', async () => {
    const { app } = await lanes('chat', 'generate', 'responses');
    const second = app.comparison.comparison.lanes[1]!;
    laneView.choosingModel = second.id;
    const connection = await screen.findByRole('combobox', { name: 'Connection' });
    (connection as HTMLSelectElement).value = 'scale-prod';
    await fireEvent.change(connection);
    await fireEvent.click(
      within(screen.getByRole('radiogroup', { name: 'Endpoint' })).getByRole('radio', { name: 'Generic' }),
    );
    expect(second.endpoint, 'nothing changes before a model is chosen').toBe('generate');
    await fireEvent.click(await screen.findByRole('option', { name: /gpt-4o-mini/ }));
    await waitFor(() =>
      expect(second).toMatchObject({ connection: 'scale-prod', endpoint: 'generic', model: 'openai/gpt-4o-mini' }),
    );
    expect(app.toasts.list).toEqual([]);
    laneView.choosingModel = second.id;
    await fireEvent.click(await screen.findByRole('option', { name: /o3-mini/ }));
    await waitFor(() => expect(second.model).toBe('openai/o3-mini'));
    expect(app.toasts.list).toEqual([]);
  });

  it('is in its menu and in the palette', async () => {
    const { app } = await lanes('chat', 'generate', 'responses');
    await fireEvent.click(lane('B').getByRole('button', { name: 'Lane B actions' }));
    await fireEvent.click(await screen.findByRole('menuitemradio', { name: 'Endpoint: Chat' }));
    await waitFor(() => expect(app.comparison.comparison.lanes[1]!.endpoint).toBe('chat'));
    app.comparison.selectLane(app.comparison.comparison.lanes[1]!.id);
    const reason = (id: string) => app.actions.all.find((action) => action.id === id)?.disabledReason?.();
    expect(reason('lanes.endpoint.generate')).toBeNull();
    expect(reason('lanes.endpoint.responses')).toMatch(/no such endpoint/);
  });

  it('says before sending what is not carried over, and what is called otherwise', async () => {
    const { host } = await lanes('chat', 'generate', 'responses');
    const note = await lane('C').findByRole('button', { name: '2 things are not carried over' });
    await fireEvent.click(note);
    const list = within(await screen.findByRole('list', { name: 'Carried over' }));
    const rows = list.getAllByRole('listitem').map(({ textContent }) => textContent);
    expect(rows.slice(0, 2)).toEqual([
      expect.stringMatching(/seed.*not sent/),
      expect.stringMatching(/stop.*not sent/),
    ]);
    expect(rows[2]).toMatch(/max_completion_tokens.*max_output_tokens/);
    expect(lane('A').queryByRole('button', { name: /carried over/ })).toBeNull();
    const run = await host.openRun('past-1');
    expect(run.cells[2]!.request!.carried, 'the recorded request says the same').toHaveLength(3);
  });

  it('has the parameters of its own table, with the value that is carried over and where it comes from', async () => {
    const { app } = await show(ParameterPanel, 'compare', { endpoints: ['chat', 'generate', 'responses'] });
    app.comparison.selectLane(app.comparison.comparison.lanes[2]!.id);
    const id = app.comparison.currentLane;
    const row = await screen.findByRole('group', { name: 'max_output_tokens' });
    await waitFor(() => expect(row.textContent).toContain('from max_completion_tokens of the draft'));
    expect(within(row).queryByText('Differs from lane A')).toBeNull();
    expect(screen.queryByRole('group', { name: 'seed' }), 'what is not carried over is no extra key').toBeNull();
    const field = within(row).getByRole('spinbutton');
    (field as HTMLInputElement).value = '50';
    await fireEvent.input(field);
    expect(app.comparison.lane(id)!.overrides).toEqual([
      { kind: 'set', parameter: { name: 'max_output_tokens', json: '50' } },
    ]);
    await waitFor(() => expect(row.textContent).not.toContain('of the draft'));
    app.comparison.unsetParameter(id, 'max_output_tokens');
    await waitFor(() =>
      expect(within(row).getByRole('button', { name: 'Reset to the draft, max_output_tokens' })).toBeTruthy(),
    );
    await fireEvent.click(within(row).getByRole('button', { name: 'Reset to the draft, max_output_tokens' }));
    await waitFor(() => expect(row.textContent).toContain('from max_completion_tokens of the draft'));
  });
});

describe('a response in a lane', () => {
  it('shows its items where an answer is, and is copied with its text', async () => {
    const { app } = await lanes('chat', 'generate', 'responses');
    const answer = lane('C').getByRole('log');
    expect([...answer.querySelectorAll('[data-item]')].map((one) => one.getAttribute('data-item'))).toEqual([
      'reasoning',
      'web_search_call',
      'function_call',
      'image_generation_call',
      'message',
    ]);
    expect(app.runs.cellOfLane(app.comparison.comparison.lanes[2]!.id)!.answer()).toMatch(
      /^The \*\*Nordlys rear light/,
    );
  });

  it('is gone on from in that lane, with a new message, and the answer names what it continues', async () => {
    const { app, host } = await lanes('chat', 'generate', 'responses');
    const [first, , third] = app.comparison.comparison.lanes;
    const response = app.runs.cellOfLane(third!.id)!.head.outcome.responseId!;
    await fireEvent.click(lane('C').getByRole('button', { name: 'Lane C actions' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Continue from this response' }));
    expect(app.comparison.value(third!.id, 'previous_response_id')).toBe(JSON.stringify(response));
    expect(app.comparison.value(first!.id, 'previous_response_id')).toBeNull();
    expect(third!.forkedMessages!.filter(({ muted }) => !muted)).toMatchObject([{ role: 'user' }]);
    expect(
      app.comparison.comparison.draft.messages.some(({ muted }) => muted),
      'other lanes keep theirs',
    ).toBe(false);
    for (const name of app.comparison.missingVariables) app.comparison.setVariable(name, 'x');
    await app.runs.start([third!.id]);
    await waitFor(() => expect(lane('C').getByText('Continues')).toBeTruthy());
    expect(
      lane('C')
        .getByText(/^resp_/)
        .textContent!.split('…')[0],
    ).toBe(response.slice(0, 14).split('…')[0]);
    for (const run of host.runs.keys()) await host.stopRun(run);
  });

  it('says how it stands when it did not end in the usual way', () => {
    const outcome = {
      choices: [],
      usage: null,
      model: null,
      responseId: null,
      endMarker: true,
      events: 1,
      media: null,
    };
    const words = (status: string | null, incompleteReason: string | null = null) =>
      responseEnding({ ...outcome, status, incompleteReason });
    expect(words('completed')).toBeNull();
    expect(words(null)).toBeNull();
    expect(words('incomplete', 'max_output_tokens')).toEqual({
      words: 'Cut off at the token limit',
      reason: 'max_output_tokens',
    });
    expect(words('incomplete', 'sunspots')).toEqual({ words: 'The response is incomplete', reason: 'sunspots' });
    expect(words('cancelled')!.words).toMatch(/cancelled on the server/);
    expect(words('queued')!.words).toMatch(/queued/);
    expect(words('melted')).toEqual({ words: 'The response ended', reason: 'melted' });
  });
});
