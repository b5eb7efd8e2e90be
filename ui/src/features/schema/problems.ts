// What is wrong with a schema: mistakes that no server could read over. What strict mode asks for beside that is in
// `strict.ts`.
import { memberOf, nodeAt, textAt, type JsonNode } from '../../lib/json-tree';
import { referredPlace, removeKeyword, setKind } from './edits';
import { TYPES } from './keywords';
import { schemasIn, type Place } from './schema-tree';

export interface Mend {
  /** What the button says. */
  label: string;
  edit: (text: string) => string;
}

export interface SchemaProblem {
  /** The schema at which it is. */
  pointer: string;
  /** The member of the schema that it is about. */
  keyword: string | null;
  message: string;
  mend: Mend | null;
  /** Where to underline. */
  start: number;
  end: number;
}

/** One schema within a schema, and where problems of it are gathered. */
export class Visit {
  readonly found: SchemaProblem[] = [];

  constructor(
    readonly text: string,
    readonly root: JsonNode,
  ) {}

  say(
    at: { pointer: string; node: JsonNode },
    keyword: string | null,
    message: string,
    mend: Mend | null = null,
  ): void {
    this.found.push({ pointer: at.pointer, keyword, message, mend, ...this.#span(at, keyword) });
  }

  /** The member of the keyword; its name only, where the value is long. Without a keyword, what names the schema. */
  #span(
    { pointer, node }: { pointer: string; node: JsonNode },
    keyword: string | null,
  ): { start: number; end: number } {
    const member = keyword === null ? null : memberOf(node, keyword);
    if (member) {
      const isLong = member.value.kind === 'object' || member.value.kind === 'list';
      return { start: member.start, end: isLong ? member.nameEnd : member.end };
    }
    const holder = nodeAt(this.root, pointer.slice(0, Math.max(0, pointer.lastIndexOf('/'))));
    const own = holder?.kind === 'object' ? holder.members.find(({ value }) => value === node) : undefined;
    return own ? { start: own.start, end: own.nameEnd } : { start: node.start, end: node.start + 1 };
  }
}

export function schemaProblems(text: string, root: JsonNode): SchemaProblem[] {
  const visit = new Visit(text, root);
  for (const schema of schemasIn(text, root)) {
    const { pointer, node } = schema;
    if (node.kind !== 'object' && node.kind !== 'boolean') {
      visit.say(schema, null, 'A schema is an object, true or false', {
        label: 'Make it a string',
        edit: (now) => setKind(now, pointer, 'string'),
      });
      continue;
    }
    if (node.kind !== 'object') continue;
    checkTypes(visit, schema);
    checkReference(visit, schema);
    const twice = node.members.find(
      ({ name }, at) => node.members.findLastIndex((other) => other.name === name) !== at,
    );
    if (twice) visit.say(schema, twice.name, `${twice.name} stands here twice, and the last one counts`);
    const values = memberOf(node, 'enum')?.value;
    if (values?.kind === 'list' && values.items.length === 0)
      visit.say(schema, 'enum', 'enum has no value, so nothing fits');
  }
  return visit.found;
}

type Found = { pointer: string; node: JsonNode; place: Place };

function checkTypes(visit: Visit, schema: Found): void {
  const type = memberOf(schema.node, 'type')?.value;
  const named = type?.kind === 'list' ? type.items : type ? [type] : [];
  for (const one of named) {
    const name = textAt(visit.text, one);
    if (name !== null && (TYPES as readonly string[]).includes(name)) continue;
    const spelled = visit.text.slice(one.start, Math.min(one.end, one.start + 24));
    visit.say(schema, 'type', `${spelled} is no type of JSON Schema`, {
      label: 'Remove type',
      edit: (now) => removeKeyword(now, schema.pointer, 'type'),
    });
  }
}

function checkReference(visit: Visit, schema: Found): void {
  const ref = textAt(visit.text, memberOf(schema.node, '$ref')?.value);
  const place = ref === null ? null : referredPlace(ref);
  if (place !== null && !nodeAt(visit.root, place)) visit.say(schema, '$ref', `Nothing is at ${ref}`);
}
