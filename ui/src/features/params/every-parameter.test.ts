// Every documented member of every request can be set in its form: each control is used, and what it sends is compared.
import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../bindings/Dialect';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { ParameterKind } from '../../bindings/ParameterKind';
import type { Preview } from '../../bindings/Preview';
import { quote, quoteList } from '../../lib/json-text';
import tables from '../../platform/memory/tables.json';
import { newComparison, newLane } from '../../state/comparison/new';
import { show, type Shown } from '../with-app/with-app';
import ParameterPanel from './ParameterPanel.svelte';

const WORDS = 'ä "q" \\ 東京 👩‍👩‍👧';
const OBJECT = '{"ä" : [1.50, "\\"\\\\"], "0":null}';

async function type(field: HTMLElement, text: string): Promise<void> {
  (field as HTMLInputElement).value = text;
  await fireEvent.input(field);
}

/** Uses the controls of a row, and gives what they are to send: the last of these values stays. */
async function use(row: HTMLElement, name: string, kind: ParameterKind, sent: () => string | null): Promise<string> {
  const field = (role: string) => within(row).getByRole(role, { name, hidden: true });
  const typed = async (role: string, text: string, enters = false) => {
    await type(field(role), text);
    if (enters) await fireEvent.keyDown(field(role), { key: 'Enter' });
  };
  switch (kind.kind) {
    case 'number':
      await typed('spinbutton', '0.20');
      return '0.20';
    case 'integer':
      await typed('spinbutton', '12345678901234567890123');
      expect(sent()).toBe('12345678901234567890123');
      await typed('spinbutton', '7');
      return '7';
    case 'boolean':
      expect(sent()).toBe('true');
      await fireEvent.click(field('switch'));
      return 'false';
    case 'text':
      await typed('textbox', WORDS);
      return quote(WORDS);
    case 'textOrList':
      await typed('textbox', WORDS.replaceAll('\\', '\\\\'), true);
      expect(sent()).toBe(quote(WORDS));
      await typed('textbox', 'END', true);
      return quoteList([WORDS, 'END']);
    case 'textList':
      await typed('textbox', WORDS.replaceAll('\\', '\\\\'), true);
      return quoteList([WORDS]);
    case 'object':
      await typed('textbox', OBJECT);
      return OBJECT;
    case 'objectList':
      await typed('textbox', `[${OBJECT}]`);
      return `[${OBJECT}]`;
    case 'textOrObject':
      await typed('textbox', WORDS);
      expect(sent()).toBe(quote(WORDS));
      await typed('textbox', '');
      await fireEvent.click(within(row).getByRole('button', { name: 'Write an object', hidden: true }));
      await typed('textbox', OBJECT);
      return OBJECT;
  }
}

async function panelOf(endpoint: EndpointKind, dialect: Dialect): Promise<Shown & { id: string }> {
  const shown = await show(ParameterPanel);
  const { app } = shown;
  const connection = app.connections.find((known) => known.dialect === dialect);
  if (!connection) throw new Error(`no connection speaks ${dialect}`);
  const lane = newLane(connection.id, 'm', endpoint);
  app.comparison.open(newComparison('Every parameter', lane, null));
  await screen.findByRole('region', { name: 'Parameters of lane A' });
  return { ...shown, id: lane.id };
}

describe('every documented parameter', () => {
  it.each(tables.map((table) => [table.dialect as Dialect, table.endpoint as EndpointKind, table] as const))(
    'of %s, %s, is set by its own control and is sent as it was set',
    async (dialect, endpoint, table) => {
      const { app, id } = await panelOf(endpoint, dialect);
      const rows = new Map(screen.getAllByRole('group').map((row) => [row.getAttribute('aria-label') ?? '', row]));
      const expected = new Map<string, string>();
      for (const spec of table.parameters) {
        const { name } = spec;
        const row = rows.get(name);
        if (!row) throw new Error(`${name} has no row among ${[...rows.keys()].join(', ')}`);
        const state = (word: string) => within(row).getByRole('radio', { name: word, hidden: true });
        await fireEvent.click(state('null'));
        expect(app.comparison.value(id, name), name).toBe('null');
        await fireEvent.click(state('unset'));
        expect(app.comparison.value(id, name), name).toBeNull();
        await fireEvent.click(state('value'));
        const value = await use(row, name, spec.kind as ParameterKind, () => app.comparison.value(id, name));
        expect(app.comparison.value(id, name), name).toBe(value);
        expected.set(name, value);
      }
      const preview = (await app.host.preview(app.comparison.snapshot(), id)) as Preview & { kind: 'ready' };
      const keys = preview.request.keys.map((key) => key.name);
      for (const [name, value] of expected) {
        expect(keys).toContain(name);
        expect(preview.request.body, name).toContain(`${quote(name)}:${value}`);
      }
    },
    60_000,
  );
});
