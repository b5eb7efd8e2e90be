import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { MemoryOptions } from '../../platform/memory';
import { show } from '../with-app/with-app';
import { matricesView } from './matrices-view.svelte';
import MatrixPage from './MatrixPage.svelte';
import { GONE } from './words';

const soon = { timeout: 30_000 };

async function opened(options: MemoryOptions = {}) {
  const shown = await show(MatrixPage, 'matrix', options);
  const view = matricesView(shown.app);
  await waitFor(() => expect(view.isRead).toBe(true), soon);
  return { ...shown, view };
}

/** Opens a matrix by a part of its name. */
async function pane(name: RegExp) {
  await fireEvent.click(screen.getByRole('option', { name }));
  return screen.findByRole('region', { name: new RegExp(`^Matrix .*${name.source}`) }, soon);
}

const type = (field: HTMLElement, value: string) => fireEvent.input(field, { target: { value } });

describe('the list of matrices', () => {
  it('says where there are none how to begin', async () => {
    await opened({ firstStart: true });
    expect(screen.getByText(/^No matrices yet/)).toBeTruthy();
  });

  it('is found by names, models and states', async () => {
    const { view } = await opened();
    await type(screen.getByRole('searchbox', { name: 'Find a matrix' }), 'INTERRUPTED');
    expect(view.shown.map(({ plan }) => plan.name)).toEqual(['Temperatures, 40 tickets']);
  });
});

describe('a draft', () => {
  it('comes from the prompt that is open, and counts what it would send', async () => {
    const { app, view } = await opened();
    app.actions.run('matrix.new');
    const shown = await screen.findByRole('region', { name: 'Matrix Refund reply' }, soon);
    await within(shown).findByText('3 calls', {}, soon);
    expect(view.draft?.plan.comparison.lanes.map(({ model }) => model)).toEqual(
      app.comparison.comparison.lanes.map(({ model }) => model),
    );
    await fireEvent.click(within(shown).getByRole('checkbox', { name: /^Lane C/ }));
    await fireEvent.click(within(shown).getByRole('button', { name: 'Add parameter' }));
    await type(within(shown).getByRole('textbox', { name: 'Values of temperature' }), '0..1 step 0.25, unset');
    await type(within(shown).getByRole('textbox', { name: 'Repeats' }), '4');
    await within(shown).findByRole('button', { name: /^Start 48 calls/ }, soon);
    const values = within(shown).getByLabelText('6 values of temperature');
    expect([...values.children].map((value) => value.textContent?.trim())).toEqual([
      '0',
      '0.25',
      '0.5',
      '0.75',
      '1',
      'unset',
    ]);
    // The comparison in Compare is another one.
    expect(app.comparison.comparison.repeats).toBe(1);
  });

  it('keeps what can be read of its parameters in view, and marks the one that cannot', async () => {
    const { view } = await opened();
    const shown = within(await pane(/Small models/));
    await fireEvent.click(shown.getByRole('button', { name: 'Add parameter' }));
    await fireEvent.click(shown.getByRole('button', { name: 'Add parameter' }));
    await fireEvent.change(shown.getByRole('combobox', { name: 'Parameter 2' }), { target: { value: 'seed' } });
    const temperatures = shown.getByRole('textbox', { name: 'Values of temperature' });
    const seeds = shown.getByRole('textbox', { name: 'Values of seed' });
    await type(seeds, '1, 2, 3');
    await type(temperatures, '0, 0.5');
    await shown.findByLabelText('2 values of temperature', {}, soon);
    await type(temperatures, '0, [0.5');
    await waitFor(() => expect(temperatures.getAttribute('aria-invalid')).toBe('true'), soon);
    const words = document.getElementById(temperatures.getAttribute('aria-describedby') ?? '')?.textContent;
    expect(view.draft?.count?.problems).toEqual([words]);
    expect(words).toContain('not closed');
    expect(shown.queryByLabelText(/values of temperature$/)).toBeNull();
    expect(shown.getByLabelText('3 values of seed')).toBeTruthy();
    expect(seeds.getAttribute('aria-invalid')).toBeNull();

    await fireEvent.change(shown.getByRole('combobox', { name: 'Parameter 2' }), { target: { value: 'temperature' } });
    await shown.findByText('temperature is varied above already', {}, soon);
    await fireEvent.click(shown.getAllByRole('button', { name: 'Remove temperature' })[1]!);
    await type(temperatures, '0, 0.5');
    await shown.findByLabelText('2 values of temperature', {}, soon);
    expect(temperatures.getAttribute('aria-invalid')).toBeNull();
  });

  it('takes further models of any connection, changes one, and lets it go', async () => {
    const { app, view } = await opened();
    const shown = within(await pane(/Small models/));
    await shown.findByRole('button', { name: /^Start 200 calls/ }, soon);
    const lanes = () => view.draft!.plan.comparison.lanes;
    const own = lanes().length;

    await fireEvent.click(shown.getByRole('button', { name: 'Add model' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Add model' }));
    await fireEvent.change(dialog.getByRole('combobox', { name: 'Connection' }), { target: { value: 'scaigrid-eu' } });
    await fireEvent.click(await dialog.findByRole('option', { name: /^mistral-small-3/ }, soon));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(lanes().at(-1)).toMatchObject({ connection: 'scaigrid-eu', model: 'mistral-small-3', muted: false });
    await shown.findByRole('button', { name: /^Start 300 calls/ }, soon);
    // What another dialect knows and this one does not is left out, as in Compare.
    const dialects = new Map(app.connections.map(({ id, dialect }) => [id, dialect]));
    const has = (name: string, connection: string) =>
      app.tables
        .find((table) => table.endpoint === 'chat' && table.dialect === dialects.get(connection))
        ?.parameters.some((parameter) => parameter.name === name);
    const foreign = view
      .draft!.plan.comparison.draft.parameters.map(({ name }) => name)
      .filter((name) => has(name, lanes()[0]!.connection) && !has(name, 'scaigrid-eu'));
    expect(lanes().at(-1)?.overrides).toEqual(foreign.map((name) => ({ kind: 'unset', name })));

    const letter = String.fromCharCode(65 + own);
    await fireEvent.click(shown.getByRole('button', { name: `Model of lane ${letter}: mistral-small-3` }));
    const again = within(await screen.findByRole('dialog', { name: `Model of lane ${letter}` }));
    await fireEvent.input(again.getByRole('combobox', { name: 'Model' }), { target: { value: 'any/model at all' } });
    await fireEvent.click(await again.findByRole('option', { name: /^any\/model at all/ }, soon));
    expect(lanes()).toHaveLength(own + 1);
    expect(lanes().at(-1)?.model).toBe('any/model at all');

    expect(shown.queryByRole('button', { name: 'Remove lane A' })).toBeNull();
    await fireEvent.click(shown.getByRole('button', { name: `Remove lane ${letter}` }));
    expect(lanes()).toHaveLength(own);
    await shown.findByRole('button', { name: /^Start 200 calls/ }, soon);
  });

  it('takes the rows of a table by their numbers, and says what is wrong with them', async () => {
    const { view } = await opened();
    const shown = await pane(/Small models/);
    await fireEvent.click(await within(shown).findByRole('radio', { name: 'Numbers' }, soon));
    const numbers = within(shown).getByRole('textbox', { name: 'Numbers of rows' });
    await type(numbers, '1-5, 40');
    await within(shown).findByRole('button', { name: /^Start 60 calls/ }, soon);
    await type(numbers, '1-99');
    await within(shown).findByText(/There is no row 99/, {}, soon);
    expect(view.startReason).toContain('There is no row 99');
  });

  it('takes further prompts of the workspace, with the values that they fill in', async () => {
    const { view } = await opened();
    const shown = await pane(/Small models/);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Add prompts' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add prompts' });
    await fireEvent.click(within(dialog).getByRole('checkbox', { name: 'Tone checks' }));
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Add 1 prompt' }));
    await waitFor(
      () => expect(view.draft?.plan.prompts.map(({ name }) => name)).toEqual(['Refund reply', 'Tone checks']),
      soon,
    );
    await within(shown).findByText('2 prompts', {}, soon);
  });

  it('has checks of its own, in the dialog that Compare has', async () => {
    const { app, view } = await opened();
    const shown = await pane(/Small models/);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Edit checks' }));
    const dialog = await screen.findByRole('dialog', { name: 'Checks' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove check 2' }));
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Done' }));
    expect(view.draft?.checks.map(({ name }) => name)).toEqual(['Names the order', 'Promises no date']);
    expect(app.comparison.comparison.draft.checks).toEqual([]);
  });

  it('survives leaving it, with what was typed last', async () => {
    const { host, view } = await opened();
    const shown = await pane(/Small models/);
    await type(within(shown).getByRole('textbox', { name: 'Name of the matrix' }), 'Kleine Modelle, “Entwurf” 二');
    await pane(/three tones/);
    await waitFor(
      () => expect(screen.getByRole('option', { name: /Kleine Modelle, “Entwurf” 二/ })).toBeTruthy(),
      soon,
    );
    expect((await host.matrices()).map(({ plan }) => plan.name)).toContain('Kleine Modelle, “Entwurf” 二');
    await pane(/Kleine Modelle/);
    expect(view.draft?.plan.name).toBe('Kleine Modelle, “Entwurf” 二');
  });

  it('is copied out to a file and opened from it', async () => {
    const { app, host, view } = await opened();
    await pane(/Small models/);
    app.actions.run('matrix.saveFile');
    await waitFor(() => expect(host.files.at(-1)?.text).toContain('"comparison"'), soon);
    await view.openFile(host.files.at(-1)?.path ?? '');
    await screen.findByRole('region', { name: 'Matrix Small models, draft 2' }, soon);
  });
});

describe('a matrix that runs', () => {
  it('begins with the number that its button says, goes on by itself, and is told at its end', async () => {
    const { app, host, view } = await opened();
    const shown = await pane(/Small models/);
    await fireEvent.click(await within(shown).findByRole('button', { name: /^Start 200 calls/ }, soon));
    await within(shown).findByRole('progressbar', { name: /in flight/ }, soon);
    host.tables.advance(view.currentId ?? '', 100);
    await within(shown).findByRole('progressbar', { name: /^9\d finished, \d+ failed, 8 in flight/ }, soon);
    app.openSection('compare');
    host.tables.advance(view.currentId ?? '', 200);
    expect(app.announcement.text).toMatch(/^Small models, draft finished, 19\d of 200 cells/);
    app.toasts.list[0]?.action?.run();
    expect([app.section, view.current?.state]).toEqual(['matrix', 'finished']);
  });

  it('is paused and goes on with what is missing', async () => {
    const { app, view } = await opened();
    const shown = await pane(/Temperatures/);
    expect(shown.textContent).toContain('Juxta ended while this ran');
    await fireEvent.click(within(shown).getByRole('button', { name: 'Go on with 302' }));
    await fireEvent.click(await within(shown).findByRole('button', { name: 'Pause' }, soon));
    await waitFor(() => expect(view.current?.state).toBe('paused'), soon);
    expect(app.announcement.text).toMatch(/is paused/);
  });

  it('stops at its budget, which can be raised', async () => {
    const { view } = await opened();
    const shown = await pane(/seed help/);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Raise the budget' }));
    const dialog = await screen.findByRole('dialog', { name: 'Name and limits' });
    await type(within(dialog).getByRole('textbox', { name: 'Budget, USD' }), '2.5');
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(view.current?.plan.limits.budget).toBe(2.5), soon);
    await fireEvent.click(within(shown).getByRole('button', { name: /^Go on with/ }));
    await waitFor(() => expect(view.current?.state).toBe('running'), soon);
  });

  it('sends its failures again', async () => {
    const { host, view } = await opened();
    const shown = await pane(/three tones/);
    const failed = view.current?.counts.failed ?? 0;
    expect(failed).toBeGreaterThan(0);
    await fireEvent.click(within(shown).getByRole('button', { name: `Retry ${failed} failures` }));
    await waitFor(() => expect(view.current?.counts.failed).toBe(0), soon);
    host.tables.advance('tones', 2_000);
    await waitFor(() => expect(view.current?.counts.finished).toBe(1_800), soon);
  });
});

describe('the results', () => {
  it('are filtered, sorted and found', async () => {
    const { view } = await opened();
    const shown = await pane(/three tones/);
    const total = () => view.results?.cells.head?.total;
    await waitFor(() => expect(total()).toBe(1_800), soon);
    await fireEvent.change(within(shown).getByRole('combobox', { name: 'State filter' }), {
      target: { value: 'failed' },
    });
    await waitFor(() => expect(total()).toBe(view.current?.counts.failed), soon);
    view.results?.widen();
    await type(within(shown).getByRole('searchbox', { name: 'Find in cells' }), '美咲');
    await waitFor(() => expect(total()).toBe(180), soon);
    await fireEvent.click(within(shown).getByRole('button', { name: 'Sort by Tokens out' }));
    await fireEvent.click(within(shown).getByRole('button', { name: 'Sort by Tokens out' }));
    expect([view.results?.sort, view.results?.descending]).toEqual(['tokens', true]);
  });

  it('open in Compare at the cell, among the variants that have room', async () => {
    const { app, view } = await opened();
    await pane(/three tones/);
    await waitFor(() => expect(view.results?.cells.total).toBe(1_800), soon);
    // Variant P, which is beyond the lanes that a comparison has.
    const cell = (
      await app.host.matrixCells('tones', {
        ...{ filter: 'all', variant: 15, row: 2, text: '', sort: 'row', descending: false, from: 0, count: 1 },
      })
    ).cells[0];
    await view.openCell(cell!);
    expect(app.section).toBe('compare');
    const { lanes } = app.comparison.comparison;
    expect(lanes).toHaveLength(12);
    expect(app.runs.cellOfLane(app.comparison.currentLane)?.id).toBe(cell?.cell);
  });

  it('of a run that was deleted stay, say so, and are not opened', async () => {
    const { app, host, view } = await opened();
    const query = { filter: 'all', variant: null, row: 0, text: '', sort: 'row', descending: false } as const;
    const [cell] = (await host.matrixCells('tones', { ...query, from: 0, count: 1 })).cells;
    const shown = await pane(/three tones/);
    await host.deleteRuns([cell!.run]);
    view.results!.refresh();
    const grid = within(shown).getByRole('grid', { name: 'Cells of the matrix' });
    const row = (index: number) => grid.querySelector<HTMLElement>(`[data-row="${index}"]`);
    await waitFor(() => expect(row(0)?.textContent).toContain('deleted · Hello'), soon);
    await fireEvent.keyDown(row(0)!, { key: 'Enter' });
    expect(app.section).toBe('matrix');
    expect(app.announcement.text).toContain('was deleted from the history');
    expect(app.actions.disabledReason('matrix.openRow')).toBe(GONE);
    await host.undeleteRuns([cell!.run]);
    view.results!.refresh();
    await waitFor(() => expect(row(0)?.textContent).not.toContain('deleted'), soon);
  });

  it('open a row with the variants that are chosen', async () => {
    const { app, view } = await opened();
    await pane(/three tones/);
    await waitFor(() => expect(view.results?.current).toBeTruthy(), soon);
    app.actions.run('matrix.openRow');
    const dialog = await screen.findByRole('dialog', { name: 'Row 1 as lanes' }, soon);
    for (const box of within(dialog).getAllByRole('checkbox'))
      if (/^(A|B|C|D|E|F|G|H|I|J|K), /.test(box.ariaLabel ?? box.getAttribute('aria-label') ?? ''))
        await fireEvent.click(box);
    await fireEvent.click(within(dialog).getByRole('checkbox', { name: /^R, / }));
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Open as lanes' }));
    await waitFor(() => expect(app.section).toBe('compare'), soon);
    expect(app.comparison.comparison.lanes).toHaveLength(2);
    // What stands first is the base, and sends what it sent.
    const [base] = app.comparison.comparison.lanes;
    expect(base?.overrides).toEqual([]);
  });

  it('tell variants apart from a base, and lead to the cells of one', async () => {
    const { view } = await opened();
    const shown = await pane(/three tones/);
    await fireEvent.click(within(shown).getByRole('tab', { name: /^Variants/ }));
    const grid = await within(shown).findByRole('grid', { name: 'Variants of the matrix' }, soon);
    await within(grid).findByText('Cannot tell', {}, soon);
    expect(within(grid).getAllByText('Worse').length).toBeGreaterThan(5);
    await fireEvent.change(within(shown).getByRole('combobox', { name: 'Base' }), { target: { value: 'variant:17' } });
    await waitFor(() => expect(within(grid).getAllByText('Better').length).toBeGreaterThan(5), soon);
    const rows = within(grid).getAllByRole('row');
    await fireEvent.keyDown(rows[1]!, { key: 'Enter' });
    await waitFor(() => expect(view.results?.cells.head?.total).toBe(100), soon);
    expect(view.results?.variant).toBe(0);
  });

  it('show what got worse first, with both answers and their words', async () => {
    const { app, view } = await opened();
    const shown = await pane(/three tones/);
    await fireEvent.click(within(shown).getByRole('tab', { name: 'Changes' }));
    const both = await within(shown).findByRole('region', { name: 'Both answers' }, soon);
    await waitFor(() => expect(both.querySelectorAll('del, ins').length).toBeGreaterThan(1), soon);
    expect(view.results?.changes.rowAt(0)?.against?.difference).toBe(-1);
    await fireEvent.click(within(both).getByRole('button', { name: 'Open in Compare' }));
    await waitFor(() => expect(app.section).toBe('compare'), soon);
    expect(app.comparison.comparison.lanes).toHaveLength(2);
  });

  it('are held against another matrix, row by row', async () => {
    const { view } = await opened();
    const shown = await pane(/Temperatures/);
    await fireEvent.click(within(shown).getByRole('tab', { name: 'Changes' }));
    await fireEvent.change(await within(shown).findByRole('combobox', { name: 'Base' }, soon), {
      target: { value: 'matrix:penalties' },
    });
    await waitFor(() => expect(view.results?.changes.head).toBeTruthy(), soon);
    // No variant of the other one has the same name.
    expect(view.results?.changes.head?.total).toBe(0);
    expect(view.results?.changes.head?.unmatched).toBeGreaterThan(0);
  });

  it('are saved under a free name, in each form', async () => {
    const { app, host } = await opened();
    await pane(/three tones/);
    for (const form of ['jsonl', 'csv', 'parquet', 'html', 'xml']) app.actions.run(`matrix.save.${form}`);
    await waitFor(() => expect(host.files).toHaveLength(5), soon);
    expect(host.files.map(({ path }) => path.split('.').at(-1)).sort()).toEqual([
      'csv',
      'html',
      'jsonl',
      'parquet',
      'xml',
    ]);
  });
});
