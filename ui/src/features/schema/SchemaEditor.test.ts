import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import Holder from './Holder.test.svelte';

const SCHEMA = `{
  "type": "object",
  "properties": {
    "name": { "type": "string", "minLength": 1.0, "x-order": [3, 1e0] },
    "größe \\"😀\\"": {"type":["number","null"]},
    "tags": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] } }
  },
  "required": [ "name" ]
}`;

function open(json = SCHEMA, more: { strict?: boolean; shown?: { pointer: string } } = {}) {
  const held = { json };
  const view = render(Holder, { start: json, label: 'Schema', onjson: (text: string) => (held.json = text), ...more });
  const tree = screen.getByRole('tree');
  const row = (name: string | RegExp) => within(tree).getByRole('treeitem', { name });
  const key = (pressed: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(tree, { key: pressed, ...more });
  return { held, tree, row, key, view };
}

const current = () => screen.getByRole('treeitem', { selected: true });

describe('the form of a schema', () => {
  it('shows rows with type, required and nesting, and changes nothing by that', async () => {
    const { held, row } = open();
    expect(row(/^schema/).getAttribute('aria-level')).toBe('1');
    expect(row(/^name string required/)).toBeTruthy();
    expect(row(/number \| null/)).toBeTruthy();
    expect(row(/^tags array of enum of 2/).getAttribute('aria-expanded')).toBe('true');
    for (const one of screen.getAllByRole('treeitem')) await fireEvent.click(one);
    expect(held.json).toBe(SCHEMA);
  });

  it('changes one keyword and nothing else, and takes it back', async () => {
    const { held, row } = open();
    await fireEvent.click(row(/^name/));
    const field = screen.getByRole('textbox', { name: 'minLength' });
    await fireEvent.input(field, { target: { value: '2.50' } });
    expect(held.json).toBe(SCHEMA.replace('1.0', '2.50'));
    await fireEvent.input(field, { target: { value: '2.50x' } });
    expect(held.json).toBe(SCHEMA.replace('1.0', '2.50'));
    expect(screen.getByText(/Not a number/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(held.json).toBe(SCHEMA);
  });

  it('is walked through and edited by keys', async () => {
    const { held, key } = open();
    await key('ArrowDown');
    expect(current().textContent).toContain('name');
    await key('r');
    expect(JSON.parse(held.json).required).toBeUndefined();
    await key('z', { ctrlKey: true });
    expect(held.json).toBe(SCHEMA);
    await key('ArrowDown', { altKey: true });
    expect(Object.keys(JSON.parse(held.json).properties)).toEqual(['größe "😀"', 'name', 'tags']);
    expect(current().textContent).toContain('name');
    await key('End');
    expect(current().getAttribute('aria-level')).toBe('3');
    await key('ArrowLeft');
    expect(current().textContent).toContain('tags');
    await key('ArrowLeft');
    expect(current().getAttribute('aria-expanded')).toBe('false');
    await key('Delete');
    expect(held.json).not.toContain('tags');
  });

  it('adds and renames a property, and required follows', async () => {
    const { held, row, key } = open();
    await fireEvent.click(row(/^name/));
    await key('F2');
    const name = screen.getByRole('textbox', { name: 'Name' });
    expect(document.activeElement).toBe(name);
    await fireEvent.input(name, { target: { value: 'tags' } });
    expect(screen.getByText('There is another tags here')).toBeTruthy();
    await fireEvent.input(name, { target: { value: 'a/b~c' } });
    await fireEvent.keyDown(name, { key: 'Enter' });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('tree')));
    expect(JSON.parse(held.json).required).toEqual(['a/b~c']);
    expect(held.json).toBe(SCHEMA.replaceAll('"name"', '"a/b~c"'));
    await key('Insert');
    expect(Object.keys(JSON.parse(held.json).properties)).toEqual(['a/b~c', 'property', 'größe "😀"', 'tags']);
    expect(current().textContent).toContain('property');
  });

  it('takes a schema from an example, and gives the old one back', async () => {
    const { held } = open();
    await fireEvent.click(screen.getByRole('button', { name: 'From example' }));
    const example = '{"a":[1,2.50,null],"b c":{"d":"😀"},"e":[{"x":1},{"x":2,"y":true}]}';
    await fireEvent.input(screen.getByRole('textbox', { name: 'Example' }), { target: { value: example } });
    await fireEvent.click(screen.getByRole('button', { name: 'Use this schema' }));
    const closed = { additionalProperties: false };
    expect(JSON.parse(held.json)).toEqual({
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: ['number', 'null'] } },
        'b c': { type: 'object', properties: { d: { type: 'string' } }, required: ['d'], ...closed },
        e: {
          type: 'array',
          items: {
            type: 'object',
            properties: { x: { type: 'integer' }, y: { type: 'boolean' } },
            required: ['x'],
            ...closed,
          },
        },
      },
      required: ['a', 'b c', 'e'],
      ...closed,
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(held.json).toBe(SCHEMA);
  });

  it('shows what strict mode asks for, mends one thing, and then the rest', async () => {
    const { held, row } = open(SCHEMA, { strict: true });
    expect(row(/^tags.*Strict mode needs tags to be required/)).toBeTruthy();
    await fireEvent.click(row(/^tags/));
    const fields = screen.getByRole('group', { name: 'Fields of tags' });
    await fireEvent.click(within(fields).getByRole('button', { name: 'Require it, and allow null' }));
    expect(JSON.parse(held.json).required).toEqual(['name', 'tags']);
    expect(JSON.parse(held.json).properties.tags.type).toEqual(['array', 'null']);
    await fireEvent.click(screen.getByRole('button', { name: 'Make strict' }));
    const dialog = screen.getByRole('dialog', { name: 'Make strict' });
    expect(within(dialog).getByText('Remove minLength')).toBeTruthy();
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Make strict' }));
    expect(JSON.parse(held.json).additionalProperties).toBe(false);
    expect(held.json).not.toContain('x-order');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Make strict' })).toBeNull());
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(held.json).toBe(SCHEMA);
  });

  it('marks the row that was asked for', async () => {
    open(SCHEMA, { shown: { pointer: '/properties/tags/items/enum' } });
    await waitFor(() => expect(current().textContent).toContain('items'));
    expect(screen.getByRole('group', { name: 'enum' }).className).toContain('lit');
  });
});
