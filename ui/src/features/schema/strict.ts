// What strict mode asks of a schema, by what is documented of structured outputs: every object closed, every property
// required, a part of JSON Schema only, and limits of size. Servers differ and grow, so all of it warns.
import { insertElement } from '../../lib/json-edit';
import { livingMembers, memberOf, nodeAt, pointerTo, readTree, textAt, type JsonNode } from '../../lib/json-tree';
import { quote } from '../../lib/json-text';
import { referredPlace, removeKeyword, renameKeyword, setKeyword, setRequired, setTypes } from './edits';
import { Visit, type Mend, type SchemaProblem } from './problems';
import { kindOf, schemasIn, typesOf, type Place } from './schema-tree';

const SUPPORTED = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  '$ref',
  '$defs',
  'definitions',
  'title',
  'description',
  '$schema',
  'pattern',
  'format',
  'multipleOf',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
]);

const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];

const MOST_LEVELS = 10;
const MOST_PROPERTIES = 5_000;
const MOST_VALUES = 1_000;
const MOST_LETTERS = 120_000;
/** More values than this in one enum must be short together. */
const MANY_VALUES = 250;
const LETTERS_OF_MANY = 15_000;

type Found = { pointer: string; node: JsonNode; place: Place };

export function strictProblems(text: string, root: JsonNode): SchemaProblem[] {
  const visit = new Visit(text, root);
  const sizes = { properties: 0, values: 0, letters: 0 };
  for (const schema of schemasIn(text, root)) {
    const { pointer, node, place } = schema;
    if (place.kind === 'member') sizes.letters += place.name.length;
    if (place.kind === 'member' && place.keyword === 'properties') {
      sizes.properties += 1;
      checkRequired(visit, schema, place);
    }
    if (pointer === '') checkRoot(visit, schema);
    if (node.kind !== 'object') {
      visit.say(schema, null, 'Strict mode needs a schema with a type here');
      continue;
    }
    checkObject(visit, schema);
    checkKeywords(visit, schema);
    checkReference(visit, schema);
    checkType(visit, schema);
    const values = measureValues(visit, schema);
    sizes.values += values.count;
    sizes.letters += values.letters;
  }
  const at = { pointer: '', node: root };
  const over = (number: number, most: number, what: string) => {
    if (number <= most) return;
    visit.say(at, null, `${number.toLocaleString('en-GB')} ${what}; strict mode takes ${most.toLocaleString('en-GB')}`);
  };
  over(sizes.properties, MOST_PROPERTIES, 'properties');
  over(sizes.values, MOST_VALUES, 'values of enum');
  over(sizes.letters, MOST_LETTERS, 'characters of names and values');
  const deep = tooDeep(text, root);
  if (deep) visit.say(deep, null, `Objects are nested deeper than ${MOST_LEVELS} levels`);
  return visit.found;
}

function checkRoot(visit: Visit, schema: Found): void {
  if (memberOf(schema.node, 'anyOf')) visit.say(schema, 'anyOf', 'Strict mode takes no anyOf at the root');
  else if (kindOf(visit.text, schema.node) !== 'object') {
    visit.say(schema, 'type', 'Strict mode needs an object at the root');
  }
}

function checkObject(visit: Visit, schema: Found): void {
  const { pointer, node } = schema;
  const isObject = typesOf(visit.text, node).includes('object') || memberOf(node, 'properties') !== null;
  const more = memberOf(node, 'additionalProperties')?.value;
  if (!isObject || (more?.kind === 'boolean' && visit.text.charAt(more.start) === 'f')) return;
  visit.say(schema, more ? 'additionalProperties' : null, 'Strict mode needs additionalProperties: false', {
    label: 'Set it',
    edit: (now) => setKeyword(now, pointer, 'additionalProperties', 'false'),
  });
}

function checkRequired(visit: Visit, schema: Found, place: Place & { kind: 'member' }): void {
  if (place.required) return;
  visit.say(schema, null, `Strict mode needs ${place.name} to be required`, {
    label: allowsNull(visit.text, schema.node) ? 'Require it' : 'Require it, and allow null',
    edit: (now) => setRequired(withNull(now, schema.pointer), schema.pointer, true),
  });
}

function checkKeywords(visit: Visit, schema: Found): void {
  const { pointer, node } = schema;
  if (node.kind !== 'object') return;
  for (const { name, value } of livingMembers(node)) {
    if (name === 'format') {
      const format = textAt(visit.text, value) ?? '';
      if (!FORMATS.includes(format)) {
        visit.say(schema, name, `Strict mode does not know the format ${format}`, removal(pointer, name));
      }
    } else if (!SUPPORTED.has(name)) {
      visit.say(schema, name, `Strict mode does not support ${name}`, otherWay(visit.text, schema, name));
    }
  }
}

function removal(pointer: string, name: string): Mend {
  return { label: `Remove ${name}`, edit: (now) => removeKeyword(now, pointer, name) };
}

/** What takes the place of a keyword. Several schemas that all fit cannot be said otherwise. */
function otherWay(text: string, { pointer, node }: Found, name: string): Mend | null {
  if (name === 'oneOf' && !memberOf(node, 'anyOf')) {
    return { label: 'Make it anyOf', edit: (now) => renameKeyword(now, pointer, 'oneOf', 'anyOf') };
  }
  if (name !== 'allOf') return removal(pointer, name);
  return onlyOf(text, pointer)
    ? { label: 'Put its one schema in its place', edit: (now) => unfold(now, pointer) }
    : null;
}

/** Members of the one schema of `allOf`, when the schema around it has none of them itself. */
function onlyOf(text: string, pointer: string): { name: string; json: string }[] | null {
  const node = nodeAt(readTree(text), pointer);
  const value = memberOf(node, 'allOf')?.value;
  const only = value?.kind === 'list' && value.items.length === 1 ? value.items[0] : undefined;
  if (only?.kind !== 'object' || only.members.some(({ name }) => memberOf(node, name))) return null;
  return livingMembers(only).map((member) => ({
    name: member.name,
    json: text.slice(member.value.start, member.value.end),
  }));
}

function unfold(text: string, pointer: string): string {
  const without = removeKeyword(text, pointer, 'allOf');
  return (onlyOf(text, pointer) ?? []).reduce((next, { name, json }) => setKeyword(next, pointer, name, json), without);
}

function checkReference(visit: Visit, schema: Found): void {
  const { pointer, node } = schema;
  const member = memberOf(node, '$ref');
  if (!member || node.kind !== 'object') return;
  const ref = textAt(visit.text, member.value) ?? '';
  if (referredPlace(ref) === null) visit.say(schema, '$ref', 'Strict mode refers to places within the schema only');
  if (pointer === '' || node.members.length === 1 || memberOf(node, 'anyOf')) return;
  visit.say(schema, '$ref', 'Strict mode takes no other keyword beside $ref', {
    label: 'Put $ref into anyOf',
    edit: (now) => setKeyword(removeKeyword(now, pointer, '$ref'), pointer, 'anyOf', `[{"$ref":${quote(ref)}}]`),
  });
}

function checkType(visit: Visit, schema: Found): void {
  const { node } = schema;
  const said = ['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'].some((name) => memberOf(node, name));
  if (!said) visit.say(schema, null, 'Strict mode needs a type here');
  if (typesOf(visit.text, node).includes('array') && !memberOf(node, 'items')) {
    visit.say(schema, 'type', 'Strict mode needs items for an array');
  }
}

function measureValues(visit: Visit, schema: Found): { count: number; letters: number } {
  const values = memberOf(schema.node, 'enum')?.value;
  const items = values?.kind === 'list' ? values.items : [];
  const lengths = items.map((item) => textAt(visit.text, item)?.length ?? item.end - item.start);
  const sum = lengths.reduce((all, length) => all + length, 0);
  if (items.length > MANY_VALUES && sum > LETTERS_OF_MANY) {
    const most = LETTERS_OF_MANY.toLocaleString('en-GB');
    visit.say(schema, 'enum', `The values of an enum of more than ${MANY_VALUES} have ${most} characters at most`);
  }
  return {
    count: items.length,
    letters: sum + (textAt(visit.text, memberOf(schema.node, 'const')?.value)?.length ?? 0),
  };
}

/** The first object that stands in more objects than there may be. */
function tooDeep(text: string, root: JsonNode): Found | null {
  const levels = new Map<string, number>();
  for (const schema of schemasIn(text, root)) {
    let above = schema.pointer;
    let level = 0;
    while (above !== '' && level === 0) {
      above = above.slice(0, above.lastIndexOf('/'));
      level = levels.get(above) ?? 0;
    }
    const isObject = schema.node.kind === 'object' && typesOf(text, schema.node).includes('object');
    levels.set(schema.pointer, level + (isObject ? 1 : 0));
    if (level + (isObject ? 1 : 0) > MOST_LEVELS) return schema;
  }
  return null;
}

function allowsNull(text: string, node: JsonNode): boolean {
  if (node.kind !== 'object') return true;
  const values = memberOf(node, 'enum')?.value;
  if (values?.kind === 'list' && !values.items.some((item) => item.kind === 'null')) return false;
  const kind = kindOf(text, node);
  if (kind === 'any' || typesOf(text, node).includes('null')) return true;
  const branches = kind === 'anyOf' || kind === 'oneOf' ? memberOf(node, kind)?.value : null;
  return branches?.kind === 'list' && branches.items.some((branch) => typesOf(text, branch).includes('null'));
}

/** Lets a schema also take null, which is how strict mode says that something may be missing. */
function withNull(text: string, pointer: string): string {
  const node = nodeAt(readTree(text), pointer);
  if (!node || allowsNull(text, node)) return text;
  const kind = kindOf(text, node);
  if (kind === 'anyOf' || kind === 'oneOf') {
    const at = pointerTo(pointer, kind);
    return insertElement(text, at, Infinity, '{"type":"null"}');
  }
  if (kind === '$ref' || kind === 'const') {
    const value = memberOf(node, kind)!.value;
    const own = `{${quote(kind)}:${text.slice(value.start, value.end)}}`;
    const rest = removeKeyword(text, pointer, kind);
    const untyped = kind === 'const' ? removeKeyword(rest, pointer, 'type') : rest;
    return setKeyword(untyped, pointer, 'anyOf', `[${own},{"type":"null"}]`);
  }
  const types = typesOf(text, node);
  const typed = types.length > 0 && !types.includes('null') ? setTypes(text, pointer, [...types, 'null']) : text;
  const values = memberOf(node, 'enum')?.value;
  const hasNull = values?.kind !== 'list' || values.items.some((item) => item.kind === 'null');
  return hasNull ? typed : insertElement(typed, pointerTo(pointer, 'enum'), Infinity, 'null');
}

export interface Strictness {
  text: string;
  /** Each thing that was done, in the order of the schema. */
  changes: { pointer: string; problem: string; done: string }[];
  /** What nothing but a person can mend. */
  left: SchemaProblem[];
}

/** Mends all that can be mended. */
export function makeStrict(text: string): Strictness {
  let now = text;
  let changes: Strictness['changes'] = [];
  // An edit may bring up another problem: what stood within allOf becomes an object that is to be closed.
  for (let round = 0; round < 4; round += 1) {
    const root = readTree(now);
    if (!root) break;
    const found = strictProblems(now, root);
    const mendable = found.filter(({ mend }) => mend !== null);
    if (mendable.length === 0) return { text: now, changes, left: found };
    const done = mendable.map(({ pointer, message, mend }) => ({ pointer, problem: message, done: mend!.label }));
    changes = [...changes, ...done];
    // The inner before the outer, so that places of what is still to be mended stay.
    for (const { mend } of mendable.reverse()) now = mend!.edit(now);
  }
  const root = readTree(now);
  return { text: now, changes, left: root ? strictProblems(now, root) : [] };
}
