// What one schema editor shows: which rows are open, which one is current, and what was done.
import { SvelteMap } from 'svelte/reactivity';
import { memberOf, nodeAt, readTree, stepsOf } from '../../lib/json-tree';
import * as edits from './edits';
import { ancestors, kindOf, rowsOf, type SchemaRow } from './schema-tree';
import { TextHistory } from './text-history';

/** So many rows a schema opens with, at most. */
const FIRST_ROWS = 40;

export class SchemaForm {
  readonly #write: (text: string) => void;
  readonly #history = new TextHistory();
  /** Changes when the history does. */
  #steps: number = $state(0);
  /** Rows that were opened or closed by hand. */
  readonly #opened = new SvelteMap<string, boolean>();
  #depth: number = $state(1);
  selected: string = $state('');
  /** A place that was asked for from outside, lit until another row is chosen. */
  lit: string | null = $state(null);

  readonly text: string;
  readonly root;
  readonly rows: SchemaRow[];
  /** Place of the current row among the rows. */
  readonly at: number;

  constructor(read: () => string, write: (text: string) => void) {
    this.#write = write;
    this.text = $derived(read());
    this.root = $derived(readTree(this.text));
    this.rows = $derived(
      this.root ? rowsOf(this.text, this.root, (pointer, depth) => this.#isOpen(pointer, depth)) : [],
    );
    this.at = $derived.by(() => {
      for (const pointer of ancestors(this.selected)) {
        const at = this.rows.findIndex((row) => row.pointer === pointer);
        if (at >= 0) return at;
      }
      return 0;
    });
    this.#depth = this.#firstDepth();
  }

  get current(): SchemaRow | null {
    return this.rows[this.at] ?? null;
  }

  #isOpen(pointer: string, depth: number): boolean {
    const chosen = this.#opened.get(pointer);
    if (chosen !== undefined) return chosen;
    return depth < this.#depth && !/\/(\$defs|definitions)$/.test(pointer);
  }

  /** As many levels as leave the list short. */
  #firstDepth(): number {
    const root = this.root;
    if (!root) return 3;
    for (const depth of [3, 2]) {
      const rows = rowsOf(this.text, root, (pointer, own) => own < depth && !/\/(\$defs|definitions)$/.test(pointer));
      if (rows.length <= FIRST_ROWS) return depth;
    }
    return 1;
  }

  // ---- rows

  select(pointer: string): void {
    this.selected = pointer;
    this.lit = null;
  }

  setOpen(pointer: string, open: boolean): void {
    this.#opened.set(pointer, open);
  }

  /** Opens what is around a place and makes the nearest row the current one. */
  show(pointer: string): void {
    for (const above of ancestors(pointer).slice(1)) this.#opened.set(above, true);
    this.selected = pointer;
    this.lit = pointer;
  }

  // ---- edits

  /** Writes a text; edits of one `key` that follow each other are taken back together. */
  apply(next: string, key: string | null = null, select = this.selected): void {
    if (next !== this.text) {
      this.#history.push(this.text, next, key, this.selected, select);
      this.#steps += 1;
      this.#write(next);
    }
    if (select !== this.selected) this.select(select);
  }

  setKeyword(pointer: string, name: string, json: string): void {
    this.apply(edits.setKeyword(this.text, pointer, name, json), `${pointer} ${name}`);
  }

  removeKeyword(pointer: string, name: string): void {
    this.apply(edits.removeKeyword(this.text, pointer, name));
  }

  #applyAdded({ text, pointer }: edits.Added): void {
    for (const above of ancestors(pointer).slice(1)) this.#opened.set(above, true);
    this.apply(text, null, pointer);
  }

  addTo(pointer: string, keyword: string, name: string, after: string | null = null): void {
    this.#applyAdded(edits.addTo(this.text, pointer, keyword, name, undefined, after));
  }

  addBranch(pointer: string, keyword: string): void {
    this.#applyAdded(edits.addBranch(this.text, pointer, keyword));
  }

  /** Adds a property to the current object, or behind the current property. */
  addProperty(): void {
    const row = this.current;
    if (!row) return;
    const kind = row.place.kind === 'group' ? null : kindOf(this.text, row.node);
    if (kind === 'object' || memberOf(row.node, 'properties')) {
      this.addTo(row.pointer, 'properties', 'property');
    } else if (row.place.kind === 'member' && row.place.keyword === 'properties') {
      this.addTo(row.pointer.split('/').slice(0, -2).join('/'), 'properties', 'property', row.place.name);
    } else if (row.place.kind === 'group') {
      this.addTo(row.parent ?? '', row.place.keyword, 'definition');
    } else {
      this.addTo('', 'properties', 'property');
    }
  }

  rename(pointer: string, name: string): void {
    const { text, pointer: to } = edits.renameAt(this.text, pointer, name);
    this.#moveOpened([[pointer, to]]);
    this.apply(text, null, to);
  }

  /** Whether a name is free beside the member at `pointer`. */
  isFree(pointer: string, name: string): boolean {
    const holder = nodeAt(this.root, pointer.slice(0, pointer.lastIndexOf('/')));
    return stepsOf(pointer).at(-1) === name || memberOf(holder, name) === null;
  }

  move(pointer: string, by: -1 | 1): void {
    const { text, pointer: to } = edits.moveAt(this.text, pointer, by);
    if (to !== pointer) {
      this.#moveOpened([
        [pointer, to],
        [to, pointer],
      ]);
    }
    this.apply(text, null, to);
  }

  remove(pointer: string): void {
    const at = this.rows.findIndex((row) => row.pointer === pointer);
    const row = this.rows[at];
    if (!row || row.place.kind === 'root') return;
    const after = this.rows.slice(at + 1).find((other) => other.parent === row.parent);
    const before = this.rows.slice(0, at).findLast((other) => other.parent === row.parent);
    // Of a list, what comes after takes the place.
    const isItem = row.place.kind === 'item';
    const next = after ? (isItem ? pointer : after.pointer) : (before?.pointer ?? row.parent ?? '');
    this.apply(edits.removeAt(this.text, pointer), null, next);
  }

  setRequired(pointer: string, required: boolean): void {
    this.apply(edits.setRequired(this.text, pointer, required));
  }

  #moveOpened(moves: readonly (readonly [from: string, to: string])[]): void {
    const known = [...this.#opened];
    for (const [pointer, open] of known) {
      const move = moves.find(([from]) => pointer === from || pointer.startsWith(`${from}/`));
      if (!move) continue;
      this.#opened.delete(pointer);
      this.#opened.set(move[1] + pointer.slice(move[0].length), open);
    }
  }

  // ---- what was done

  get canUndo(): boolean {
    void this.#steps;
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    void this.#steps;
    return this.#history.canRedo;
  }

  undo(): void {
    this.#restore(this.#history.undo(this.text));
  }

  redo(): void {
    this.#restore(this.#history.redo(this.text));
  }

  #restore(found: { text: string; selected: string } | null): void {
    this.#steps += 1;
    if (!found) return;
    this.#write(found.text);
    this.select(found.selected);
  }
}
