// A schema for an example: its types, its nesting, and every key that it has is required. Whether a text is one of a
// few cannot be known from one example, so it is not guessed.
import { livingMembers, memberOf, readTree, type JsonNode } from '../../lib/json-tree';
import { layOut, quote, quoteList } from '../../lib/json-text';

interface Shape {
  types: Set<string>;
  /** Keys of the objects that were seen; how many of these objects had each. */
  keys: Map<string, { shape: Shape; seen: number }>;
  objects: number;
  items: Shape | null;
}

const ORDER = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

function empty(): Shape {
  return { types: new Set(), keys: new Map(), objects: 0, items: null };
}

/** The schema of a JSON text; `null` when it is not JSON. */
export function inferSchema(json: string): string | null {
  const root = readTree(json);
  if (!root) return null;
  const shape = empty();
  see(shape, json, root);
  return layOut(schemaOf(shape));
}

function see(shape: Shape, json: string, node: JsonNode): void {
  switch (node.kind) {
    case 'object':
      shape.types.add('object');
      shape.objects += 1;
      for (const { name } of livingMembers(node)) {
        const known = shape.keys.get(name) ?? { shape: empty(), seen: 0 };
        known.seen += 1;
        shape.keys.set(name, known);
        see(known.shape, json, memberOf(node, name)!.value);
      }
      break;
    case 'list':
      shape.types.add('array');
      shape.items ??= empty();
      for (const item of node.items) see(shape.items, json, item);
      break;
    case 'text':
      shape.types.add('string');
      break;
    case 'number':
      shape.types.add(isWhole(json.slice(node.start, node.end)) ? 'integer' : 'number');
      break;
    case 'boolean':
    case 'null':
      shape.types.add(node.kind);
      break;
  }
}

/** `12.50` is a price and not a count, so the spelling decides and not the value. */
function isWhole(number: string): boolean {
  return /^-?\d+$/.test(number);
}

function schemaOf(shape: Shape): string {
  const types = new Set(shape.types);
  if (types.has('number')) types.delete('integer');
  const names = ORDER.filter((name) => types.has(name));
  const members: string[] = [];
  if (names.length === 1) members.push(`"type":${quote(names[0]!)}`);
  else if (names.length > 1) members.push(`"type":${quoteList(names)}`);
  if (types.has('object')) {
    const keys = [...shape.keys];
    const properties = keys.map(([name, key]) => `${quote(name)}:${schemaOf(key.shape)}`);
    members.push(`"properties":{${properties.join(',')}}`);
    const always = keys.filter(([, { seen }]) => seen === shape.objects).map(([name]) => name);
    if (always.length > 0) members.push(`"required":${quoteList(always)}`);
    members.push('"additionalProperties":false');
  }
  if (shape.items && shape.items.types.size > 0) members.push(`"items":${schemaOf(shape.items)}`);
  else if (types.has('array')) members.push('"items":{}');
  return `{${members.join(',')}}`;
}
