// A schema as a tree of rows. Rows are made of the places of a JSON text; nothing here holds a copy of the schema.
import { livingMembers, memberOf, pointerTo, textAt, type JsonNode } from '../../lib/json-tree';
import { GROUPS, SCHEMA_LISTS, SCHEMA_MAPS, SCHEMAS, TYPES, type TypeName } from './keywords';

/** What a row is within the row above it. */
export type Place =
  | { kind: 'root' }
  | { kind: 'member'; keyword: string; name: string; required: boolean }
  | { kind: 'item'; keyword: string; index: number; of: number }
  | { kind: 'single'; keyword: string }
  | { kind: 'group'; keyword: string };

export interface SchemaRow {
  /** JSON pointer of the schema, or of the map that a group is. */
  pointer: string;
  parent: string | null;
  depth: number;
  place: Place;
  node: JsonNode;
  isOpen: boolean;
  hasChildren: boolean;
  /** From 1, among those with the same parent. */
  position: number;
  of: number;
}

interface Child {
  pointer: string;
  place: Place;
  node: JsonNode;
}

/** Schemas within a schema or a group, in the order of the text. */
export function childrenOf(text: string, pointer: string, place: Place, node: JsonNode): Child[] {
  if (node.kind !== 'object') return [];
  if (place.kind === 'group') return membersOf(pointer, place.keyword, node, new Set());
  const children: Child[] = [];
  const required = new Set(requiredOf(text, node));
  for (const { name, value } of livingMembers(node)) {
    const at = pointerTo(pointer, name);
    if (SCHEMA_MAPS.includes(name) && value.kind === 'object') {
      if (GROUPS.includes(name)) children.push({ pointer: at, place: { kind: 'group', keyword: name }, node: value });
      else children.push(...membersOf(at, name, value, name === 'properties' ? required : new Set()));
    } else if (SCHEMA_LISTS.includes(name) && value.kind === 'list') {
      for (const [index, item] of value.items.entries()) {
        const own: Place = { kind: 'item', keyword: name, index, of: value.items.length };
        children.push({ pointer: pointerTo(at, index), place: own, node: item });
      }
    } else if (SCHEMAS.includes(name) && value.kind === 'object') {
      children.push({ pointer: at, place: { kind: 'single', keyword: name }, node: value });
    }
  }
  return children;
}

function membersOf(pointer: string, keyword: string, map: JsonNode, required: ReadonlySet<string>): Child[] {
  if (map.kind !== 'object') return [];
  const members = livingMembers(map).filter(({ value }) => keyword !== 'dependencies' || value.kind !== 'list');
  return members.map(({ name, value }) => ({
    pointer: pointerTo(pointer, name),
    place: { kind: 'member', keyword, name, required: required.has(name) },
    node: value,
  }));
}

export function requiredOf(text: string, node: JsonNode): string[] {
  const required = memberOf(node, 'required')?.value;
  return required?.kind === 'list' ? required.items.flatMap((item) => textAt(text, item) ?? []) : [];
}

/** The rows on screen: what is within a row is there when the row is open. */
export function rowsOf(text: string, root: JsonNode, isOpen: (pointer: string, depth: number) => boolean): SchemaRow[] {
  const rows: SchemaRow[] = [];
  const add = (child: Child, parent: string | null, depth: number, position: number, of: number): void => {
    const { pointer, place, node } = child;
    const hasChildren = mayHaveChildren(node, place);
    const children = hasChildren ? childrenOf(text, pointer, place, node) : [];
    const open = children.length > 0 && isOpen(pointer, depth);
    rows.push({ ...child, parent, depth, position, of, isOpen: open, hasChildren: children.length > 0 });
    if (!open) return;
    for (const [index, below] of children.entries()) add(below, pointer, depth + 1, index + 1, children.length);
  };
  add({ pointer: '', place: { kind: 'root' }, node: root }, null, 0, 1, 1);
  return rows;
}

function mayHaveChildren(node: JsonNode, place: Place): boolean {
  if (node.kind !== 'object') return false;
  if (place.kind === 'group') return node.members.length > 0;
  return node.members.some(
    ({ name, value }) => value.kind === 'object' || (value.kind === 'list' && SCHEMA_LISTS.includes(name)),
  );
}

/** Every schema in a schema, the outer before the inner. */
export function* schemasIn(text: string, root: JsonNode): Generator<Child & { depth: number }> {
  const waiting: (Child & { depth: number })[] = [{ pointer: '', place: { kind: 'root' }, node: root, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { pointer, place, node, depth } = next;
    if (place.kind !== 'group') yield next;
    const below = childrenOf(text, pointer, place, node).map((child) => ({ ...child, depth: depth + 1 }));
    waiting.push(...below.reverse());
  }
}

/** The names of `type`: none, one or several. Names that JSON Schema does not have are left out. */
export function typesOf(text: string, node: JsonNode): TypeName[] {
  const type = memberOf(node, 'type')?.value;
  const named = type?.kind === 'list' ? type.items : type ? [type] : [];
  const names = named.map((one) => textAt(text, one));
  return TYPES.filter((name) => names.includes(name));
}

/** What a schema is, as the list of kinds in the form has it. */
export const KINDS = [...TYPES, 'several', 'any', 'never', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'] as const;
export type SchemaKind = (typeof KINDS)[number];

export function kindOf(text: string, node: JsonNode): SchemaKind {
  if (node.kind === 'boolean') return text.charAt(node.start) === 't' ? 'any' : 'never';
  for (const name of ['$ref', 'const', 'enum'] as const) if (memberOf(node, name)) return name;
  const types = typesOf(text, node);
  if (types.length === 1 && memberOf(node, 'type')?.value.kind === 'text') return types[0]!;
  if (types.length > 0) return 'several';
  for (const name of ['anyOf', 'oneOf', 'allOf'] as const) if (memberOf(node, name)) return name;
  return 'any';
}

/** What a schema is in few words: `array of string`, `enum of 3`. */
export function typeWords(text: string, node: JsonNode, deep = 2): string {
  const kind = kindOf(text, node);
  switch (kind) {
    case '$ref':
      return textAt(text, memberOf(node, '$ref')?.value) ?? '$ref';
    case 'const':
      return `const ${shortened(text, memberOf(node, 'const')?.value)}`;
    case 'enum': {
      const values = memberOf(node, 'enum')?.value;
      return `enum of ${values?.kind === 'list' ? values.items.length : 0}`;
    }
    case 'several':
      return typesOf(text, node).join(' | ');
    case 'anyOf':
    case 'oneOf':
    case 'allOf': {
      const branches = memberOf(node, kind)?.value;
      return `${kind} of ${branches?.kind === 'list' ? branches.items.length : 0}`;
    }
    case 'array': {
      const items = memberOf(node, 'items')?.value;
      return items?.kind === 'object' && deep > 0 ? `array of ${typeWords(text, items, deep - 1)}` : 'array';
    }
    default:
      return kind;
  }
}

function shortened(text: string, node: JsonNode | undefined): string {
  const json = node ? text.slice(node.start, node.end) : '';
  return json.length > 24 ? `${json.slice(0, 23)}…` : json;
}

/** What a row is called. */
export function rowName(place: Place): string {
  switch (place.kind) {
    case 'root':
      return 'schema';
    case 'member':
      return place.keyword === 'patternProperties' ? `/${place.name}/` : place.name;
    case 'item':
      return `${place.keyword} ${place.index + 1}`;
    case 'single':
    case 'group':
      return place.keyword;
  }
}

/** The row that a pointer leads into: itself, or the nearest one around it. */
export function ancestors(pointer: string): string[] {
  const found = [pointer];
  for (let at = pointer.lastIndexOf('/'); at >= 0; at = pointer.lastIndexOf('/', at - 1)) {
    found.push(pointer.slice(0, at));
    if (at === 0) break;
  }
  return found;
}
