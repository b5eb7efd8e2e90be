import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestValue } from '../../bindings/TestValue';
import type { MemoryHost } from '../../platform/memory';
import type { App } from '../../state/app.svelte';
import { show } from '../with-app/with-app';
import TestRowDialog from './TestRowDialog.svelte';
import { testRowItem } from './actions';
import { testRowView } from './test-row-view.svelte';

let app: App;
let host: MemoryHost;
let cell: string;

beforeEach(async () => {
  ({ app, host } = await show(TestRowDialog));
  const run = await host.openRun(app.recentRuns[0]!.id);
  cell = run.cells[0]!.id;
  host.testRow = async () => ({
    path: 'tests.csv',
    values: [{ name: 'order_id', value: 'NL-1' }],
    answer: 'Your order.',
  });
  testRowItem(app, cell, null).run();
});

const dialog = async () => within(await screen.findByRole('dialog', { name: 'Make a test row' }));

describe('a call', () => {
  it('becomes a row with its answer, which can be taken back', async () => {
    const written: [string, readonly TestValue[]][] = [];
    const add = host.addTestRow.bind(host);
    host.addTestRow = (path, values) => {
      written.push([path, values]);
      return add(path, values);
    };
    const found = await dialog();
    expect(found.getByText(/A new file/)).toBeTruthy();
    await fireEvent.input(found.getByRole('textbox', { name: 'What is expected' }), { target: { value: 'Order' } });
    await fireEvent.click(found.getByRole('button', { name: 'Add row' }));
    await waitFor(() => expect(testRowView.row).toBeNull());
    expect(written).toEqual([
      [
        'tests.csv',
        [
          { name: 'order_id', value: 'NL-1' },
          { name: 'expected', value: 'Order' },
        ],
      ],
    ]);
    const [toast] = app.toasts.list.slice(-1);
    expect(toast?.text).toBe('Row 1 added to /prompts/tests.csv');
    toast?.action?.run();
    await waitFor(() => expect(app.toasts.list.at(-1)?.text).toBe('tests.csv is gone again'));
  });

  it('says which columns a table lacks, and the answer can be left out', async () => {
    const found = await dialog();
    await fireEvent.input(found.getByRole('textbox', { name: 'Table' }), { target: { value: 'tickets.csv' } });
    expect(await found.findByText(/The table has no column for expected/)).toBeTruthy();
    await fireEvent.click(found.getByRole('button', { name: 'Add row' }));
    expect(await found.findByText(/tickets\.csv has no column for expected/)).toBeTruthy();
    await fireEvent.click(found.getByRole('switch', { name: 'Keep the answer' }));
    await fireEvent.click(found.getByRole('button', { name: 'Add row' }));
    await waitFor(() => expect(testRowView.row).toBeNull());
    expect(app.toasts.list.at(-1)?.text).toBe('Row 41 added to /prompts/tickets.csv');
  });
});
