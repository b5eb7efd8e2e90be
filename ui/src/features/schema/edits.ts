// Edits of a schema, each on its text: what an edit does not mean stays to the byte.
import { insertElement, moveItem, removeItem, setMember } from '../../lib/json-edit';
import {
  memberOf,
  nodeAt,
  pointerTo,
  readTree,
  stepsOf,
  textAt,
  type JsonNode,
  type JsonObject,
} from '../../lib/json-tree';
import { quote, quoteList } from '../../lib/json-text';
import { keywordOf, SCHEMA_MAPS, TYPES } from './keywords';
import { kindOf, requiredOf, typesOf, type SchemaKind } from './schema-tree';

function replaceSpan(text: string, { start, end }: { start: number; end: number }, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function objectAt(text: string, pointer: string): JsonObject | null {
  const node = nodeAt(readTree(text), pointer);
  return node?.kind === 'object' ? node : null;
}

/** Gives a member another name; nothing else of it changes. */
function renameMember(text: string, holder: JsonObject, from: string, to: string): string {
  const member = memberOf(holder, from);
  return member ? replaceSpan(text, { start: member.start, end: member.nameEnd }, quote(to)) : text;
}

/** A schema that is `true`, `false` or nothing of the kind becomes an object, so that it can hold keywords. */
function withObject(text: string, pointer: string): string {
  const node = nodeAt(readTree(text), pointer);
  return node && node.kind !== 'object' ? replaceSpan(text, node, '{}') : text;
}

/** Where the map or list begins that holds the value, and the last step to the value. */
function holderOf(text: string, pointer: string): { holder: JsonNode | null; step: string; above: string } {
  const above = pointer.slice(0, pointer.lastIndexOf('/'));
  return { holder: nodeAt(readTree(text), above), step: stepsOf(pointer).at(-1) ?? '', above };
}

export function setKeyword(text: string, pointer: string, name: string, json: string): string {
  return setMember(withObject(text, pointer), pointer, name, json);
}

export function removeKeyword(text: string, pointer: string, name: string): string {
  return objectAt(text, pointer) ? removeItem(text, pointer, name) : text;
}

/** Gives a keyword another name; its value stays. */
export function renameKeyword(text: string, pointer: string, from: string, to: string): string {
  const schema = objectAt(text, pointer);
  return schema ? renameMember(text, schema, from, to) : text;
}

/** Replaces the JSON of a value by other JSON as it is written. */
export function replaceValue(text: string, pointer: string, json: string): string {
  const node = nodeAt(readTree(text), pointer);
  return node ? replaceSpan(text, node, json) : text;
}

/** The schema whose property this is, when it is one. */
function ownerOf(pointer: string): string | null {
  const steps = pointer.split('/');
  return steps.at(-2) === 'properties' && steps.length >= 3 ? steps.slice(0, -2).join('/') : null;
}

export function isRequired(text: string, pointer: string): boolean {
  const owner = ownerOf(pointer);
  const schema = owner === null ? null : objectAt(text, owner);
  return schema !== null && requiredOf(text, schema).includes(stepsOf(pointer).at(-1) ?? '');
}

export function setRequired(text: string, pointer: string, required: boolean): string {
  const owner = ownerOf(pointer);
  const schema = owner === null ? null : objectAt(text, owner);
  if (!schema || owner === null) return text;
  const name = stepsOf(pointer).at(-1) ?? '';
  const list = memberOf(schema, 'required')?.value;
  if (list?.kind !== 'list') return required ? setMember(text, owner, 'required', quoteList([name])) : text;
  const at = list.items.findIndex((item) => textAt(text, item) === name);
  const place = pointerTo(owner, 'required');
  if (required) return at < 0 ? insertElement(text, place, list.items.length, quote(name)) : text;
  if (at < 0) return text;
  // Draft 4 does not allow an empty list here.
  return list.items.length === 1 ? removeItem(text, owner, 'required') : removeItem(text, place, at);
}

/** A name that nothing in the map has yet. */
export function freeName(map: JsonNode | null, wanted: string): string {
  if (!memberOf(map, wanted)) return wanted;
  let number = 2;
  while (memberOf(map, `${wanted}${number}`)) number += 1;
  return `${wanted}${number}`;
}

export interface Added {
  text: string;
  pointer: string;
}

/** Adds a schema to one of the maps of a schema, behind the member `after`. */
export function addTo(
  text: string,
  pointer: string,
  keyword: string,
  name: string,
  json = '{"type":"string"}',
  after: string | null = null,
): Added {
  let next = withObject(text, pointer);
  const known = memberOf(objectAt(next, pointer), keyword)?.value;
  if (known?.kind !== 'object') next = setKeyword(next, pointer, keyword, '{}');
  const at = pointerTo(pointer, keyword);
  const map = objectAt(next, at);
  if (!map) return { text, pointer };
  const own = freeName(map, name);
  const behind = after === null ? -1 : map.members.findLastIndex((member) => member.name === after);
  const added = setMember(next, at, own, json);
  return {
    text: behind < 0 ? added : moveItem(added, at, map.members.length, behind + 1),
    pointer: pointerTo(at, own),
  };
}

/** Adds a branch to `anyOf` and its like. */
export function addBranch(text: string, pointer: string, keyword: string, json = '{"type":"string"}'): Added {
  const known = memberOf(objectAt(text, pointer), keyword)?.value;
  if (known?.kind !== 'list') {
    return {
      text: setKeyword(text, pointer, keyword, `[${json}]`),
      pointer: pointerTo(pointerTo(pointer, keyword), 0),
    };
  }
  return {
    text: insertElement(text, pointerTo(pointer, keyword), known.items.length, json),
    pointer: pointerTo(pointerTo(pointer, keyword), known.items.length),
  };
}

/** Takes a schema away, and a property also out of `required`. */
export function removeAt(text: string, pointer: string): string {
  if (pointer === '') return text;
  const without = setRequired(text, pointer, false);
  const { holder, step, above } = holderOf(without, pointer);
  if (holder?.kind === 'object') return removeItem(without, above, step);
  return holder?.kind === 'list' ? removeItem(without, above, Number(step)) : text;
}

/** Gives a property, definition or pattern another name; what refers to it by its place refers to its new one. */
export function renameAt(text: string, pointer: string, name: string): Added {
  const { holder, step, above } = holderOf(text, pointer);
  if (holder?.kind !== 'object' || step === name) return { text, pointer };
  const to = pointerTo(above, name);
  let next = renameMember(text, holder, step, name);
  const owner = ownerOf(pointer);
  const list = owner === null ? null : memberOf(objectAt(next, owner), 'required')?.value;
  const item = list?.kind === 'list' ? list.items.find((one) => textAt(next, one) === step) : undefined;
  if (item) next = replaceSpan(next, item, quote(name));
  return { text: moveReferences(next, pointer, to), pointer: to };
}

/** Lets what refers to the schema at one place refer to another place. */
function moveReferences(text: string, from: string, to: string): string {
  const found: { node: JsonNode; by: string }[] = [];
  const visit = (node: JsonNode): void => {
    if (node.kind === 'list') node.items.forEach(visit);
    if (node.kind !== 'object') return;
    for (const { name, value } of node.members) {
      const place = name === '$ref' ? referredPlace(textAt(text, value) ?? '') : null;
      if (place === from || place?.startsWith(`${from}/`)) {
        found.push({ node: value, by: quote('#' + encodeURI(to + place.slice(from.length)).replaceAll('#', '%23')) });
      } else visit(value);
    }
  };
  const root = readTree(text);
  if (root) visit(root);
  return found.reduceRight((next, { node, by }) => replaceSpan(next, node, by), text);
}

/** The place within the document that a `$ref` means; `null` for one that leads elsewhere. */
export function referredPlace(ref: string): string | null {
  if (ref !== '#' && !ref.startsWith('#/')) return null;
  try {
    return decodeURIComponent(ref.slice(1));
  } catch {
    return ref.slice(1);
  }
}

/** Moves a schema among its neighbours, up or down. */
export function moveAt(text: string, pointer: string, by: -1 | 1): Added {
  const { holder, step, above } = holderOf(text, pointer);
  if (holder?.kind === 'object') {
    const at = holder.members.findLastIndex((member) => member.name === step);
    return { text: moveItem(text, above, at, at + by), pointer };
  }
  if (holder?.kind !== 'list') return { text, pointer };
  const at = Number(step);
  if (at + by < 0 || at + by >= holder.items.length) return { text, pointer };
  return { text: moveItem(text, above, at, at + by), pointer: pointerTo(above, at + by) };
}

/** Whether a schema can have neighbours to change places with. */
export function canMove(pointer: string): boolean {
  const above = pointer.split('/').at(-2) ?? '';
  return SCHEMA_MAPS.includes(above) || /^\d+$/.test(stepsOf(pointer).at(-1) ?? '');
}

const ALTERNATIVES = ['anyOf', 'oneOf', 'allOf'] as const;

/** Makes a schema another kind of schema: the keywords that said its kind go, all others stay. */
export function setKind(text: string, pointer: string, kind: SchemaKind): string {
  const node = nodeAt(readTree(text), pointer);
  if (!node) return text;
  const before = kindOf(text, node);
  if (before === kind) return text;
  if (kind === 'never') return replaceSpan(text, node, 'false');
  if (node.kind !== 'object' && kind === 'any') return replaceSpan(text, node, 'true');

  const [type] = typesOf(text, node);
  const start = withObject(text, pointer);
  const without = (next: string, ...names: string[]) =>
    names.reduce((made, name) => removeKeyword(made, pointer, name), next);
  switch (kind) {
    case 'any':
      return without(start, 'type', '$ref', 'enum', 'const', ...ALTERNATIVES);
    case 'enum':
    case 'const': {
      const other = kind === 'enum' ? 'const' : 'enum';
      const value = memberOf(node, other)?.value;
      const json = value ? text.slice(value.start, value.end) : null;
      const first = value?.kind === 'list' && value.items[0] ? value.items[0] : null;
      const made =
        kind === 'enum' ? (json === null ? '[]' : `[${json}]`) : first ? text.slice(first.start, first.end) : '""';
      return setKeyword(without(start, '$ref', other, ...ALTERNATIVES), pointer, kind, made);
    }
    case '$ref':
      return setKeyword(without(start, 'type', 'enum', 'const', ...ALTERNATIVES), pointer, '$ref', quote('#'));
    case 'anyOf':
    case 'oneOf':
    case 'allOf': {
      if (before === 'anyOf' || before === 'oneOf' || before === 'allOf') {
        return renameMember(start, objectAt(start, pointer)!, before, kind);
      }
      const branches = `[{"type":${quote(type ?? 'string')}}${kind === 'allOf' ? '' : ',{"type":"null"}'}]`;
      return setKeyword(without(start, 'type', '$ref', 'enum', 'const'), pointer, kind, branches);
    }
    case 'several': {
      const names = type && type !== 'null' ? [type, 'null'] : ['string', 'null'];
      return setTypes(without(start, '$ref', 'enum', 'const'), pointer, names);
    }
    default:
      return setKeyword(without(start, '$ref', 'enum', 'const', ...ALTERNATIVES), pointer, 'type', quote(kind));
  }
}

/** Several types, in the order of the form. */
export function setTypes(text: string, pointer: string, names: readonly string[]): string {
  const ordered = TYPES.filter((name) => names.includes(name));
  return setKeyword(text, pointer, 'type', quoteList(ordered));
}

/** Adds a keyword with what it begins with. */
export function addKeyword(text: string, pointer: string, name: string): string {
  return setKeyword(text, pointer, name, keywordOf(name)?.start ?? 'null');
}
