// Public schemas go through the form and come back to the byte. Where they are from is said beside them.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { nodeAt, readTree, type JsonNode } from '../../lib/json-tree';
import { quote } from '../../lib/json-text';
import Holder from './Holder.test.svelte';
import * as edits from './edits';
import { rowsOf, schemasIn } from './schema-tree';
import { TextHistory } from './text-history';

const files = import.meta.glob<string>('./fixtures/*.json', { query: '?raw', import: 'default', eager: true });
const schemas = Object.entries(files).map(([path, text]) => ({ name: path.split('/').at(-1)!, text }));

/** The text that a tree stands for: its leaves, and what is between them. */
function write(text: string, node: JsonNode): string {
  if (node.kind !== 'object' && node.kind !== 'list') return text.slice(node.start, node.end);
  let out = '';
  let at = node.start;
  for (const value of node.kind === 'object' ? node.members.map((member) => member.value) : node.items) {
    out += text.slice(at, value.start) + write(text, value);
    at = value.end;
  }
  return out + text.slice(at, node.end);
}

/** Fewer places of a large schema: every edit reads all of it. */
function places(text: string, most: number): number {
  return text.length > 100_000 ? 2 : text.length > 20_000 ? Math.ceil(most / 3) : most;
}

/** Up to `most` things, from all over the list. */
function some<Value>(all: Value[], most: number): Value[] {
  const step = Math.max(1, Math.floor(all.length / most));
  return all.filter((_, index) => index % step === 0).slice(0, most);
}

/** Everything of `before` but the part from `start` to `end` is in `after` as it was. */
function changedOnly(before: string, after: string, start: number, end: number): void {
  expect(after.startsWith(before.slice(0, start))).toBe(true);
  expect(after.endsWith(before.slice(end))).toBe(true);
  expect(after.length).toBeGreaterThanOrEqual(start + before.length - end);
}

/** Tries an edit, takes it back, and gives what it made. */
function undone(before: string, after: string): string {
  const history = new TextHistory();
  history.push(before, after, null, '', '');
  expect(history.undo(after)?.text).toBe(before);
  expect(history.redo(before)?.text).toBe(after);
  return after;
}

// A computer that does other things beside needs its time for the large ones.
vi.setConfig({ testTimeout: 60_000 });

describe('public schemas', () => {
  it('are fifty', () => {
    expect(schemas.length).toBeGreaterThanOrEqual(50);
  });

  it.each(schemas)('$name is read and written to the byte', ({ text }) => {
    const root = readTree(text);
    expect(root).not.toBeNull();
    expect(text.slice(0, root!.start) + write(text, root!) + text.slice(root!.end)).toBe(text);
    const rows = rowsOf(text, root!, () => true);
    expect(new Set(rows.map((row) => row.pointer)).size).toBe(rows.length);
    for (const row of some(rows, 300)) expect(nodeAt(root, row.pointer)).toBe(row.node);
  });

  it.each(schemas)('$name is looked at as form and code, and is what it was', async ({ text }) => {
    let written = 0;
    render(Holder, { start: text, label: 'Schema', strict: true, onjson: () => (written += 1) });
    const tree = screen.getByRole('tree');
    for (const key of ['ArrowDown', 'ArrowRight', 'End', 'Home']) {
      await fireEvent.keyDown(tree, { key });
      expect(screen.getAllByRole('treeitem', { selected: true })).toHaveLength(1);
    }
    expect(screen.getAllByRole('treeitem').length).toBeLessThan(120);
    await fireEvent.click(screen.getByRole('radio', { name: 'Code' }));
    await fireEvent.click(screen.getByRole('radio', { name: 'Form' }));
    expect(written).toBe(0);
  });

  it.each(schemas)('$name changes in one member, and an undo is the old text', ({ text }) => {
    const all = [...schemasIn(text, readTree(text)!)];
    for (const { pointer, node } of some(all, places(text, 12))) {
      const known = node.kind === 'object' ? node.members.findLast(({ name }) => name === 'description') : undefined;
      const words = 'Ein "Satz" \\ mit 😀';
      const after = undone(text, edits.setKeyword(text, pointer, 'description', quote(words)));
      if (known) changedOnly(text, after, known.value.start, known.value.end);
      else if (node.kind !== 'object') changedOnly(text, after, node.start, node.end);
      else {
        const end = node.members.at(-1)?.end;
        changedOnly(text, after, end ?? node.start + 1, end ?? node.end - 1);
      }
      const made = nodeAt(readTree(after), `${pointer}/description`)!;
      expect(JSON.parse(after.slice(made.start, made.end))).toBe(words);
      if (!known && node.kind === 'object')
        expect(edits.removeKeyword(after, pointer, 'description')).toBe(emptied(text, node));
    }
  });

  it.each(schemas)('$name has its properties renamed, moved, required and removed', ({ text }) => {
    const all = [...schemasIn(text, readTree(text)!)].filter(({ place }) => place.kind === 'member');
    for (const { pointer, place, node } of some(all, places(text, 6))) {
      if (place.kind !== 'member') continue;
      const renamed = edits.renameAt(text, pointer, 'größe/neu~');
      undone(text, renamed.text);
      const back = edits.renameAt(renamed.text, renamed.pointer, place.name);
      expect(JSON.parse(back.text)).toEqual(JSON.parse(text));
      const moved = edits.moveAt(text, pointer, 1);
      expect(edits.moveAt(undone(text, moved.text), moved.pointer, moved.text === text ? 1 : -1).text).toBe(text);
      if (place.keyword === 'properties') {
        const toggled = undone(text, edits.setRequired(text, pointer, !place.required));
        expect(edits.isRequired(toggled, pointer)).toBe(!place.required);
        const again = edits.setRequired(toggled, pointer, place.required);
        expect(edits.isRequired(again, pointer)).toBe(place.required);
      }
      const removed = undone(text, edits.removeAt(text, pointer));
      expect(nodeAt(readTree(removed), pointer)).toBeNull();
      expect(removed.length).toBeLessThanOrEqual(text.length - (node.end - node.start));
    }
  });
});

/** An object that had no member has lost the spaces between its braces. */
function emptied(text: string, node: JsonNode): string {
  if (node.kind !== 'object' || node.members.length > 0) return text;
  return text.slice(0, node.start + 1) + text.slice(node.end - 1);
}
