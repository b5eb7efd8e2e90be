// What the form knows of JSON Schema, drafts 4 to 2020-12. A keyword that is not here is kept and shown as its JSON.

export const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const;
export type TypeName = (typeof TYPES)[number];

/** Keywords whose members are schemas. */
export const SCHEMA_MAPS = [
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
];
/** Maps that stand as one row, folded, because nothing is said by them until something refers to them. */
export const GROUPS = ['$defs', 'definitions'];
/** Keywords whose items are schemas. */
export const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'];
/** Keywords that are one schema. */
export const SCHEMAS = [
  'items',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];

/** How the value of a keyword is written in the form. */
type KeywordKind = 'text' | 'lines' | 'number' | 'count' | 'flag' | 'values' | 'json';

export interface Keyword {
  name: string;
  kind: KeywordKind;
  /** Types it says something about; for all when it is left out. */
  types?: readonly TypeName[];
  doc: string;
  suggestions?: readonly string[];
  /** JSON that stands there when it is added. */
  start: string;
}

const FORMATS = [
  'date-time',
  'date',
  'time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
  'regex',
  'json-pointer',
];

const NUMBERS = ['number', 'integer'] as const;
const TEXT = ['string'] as const;
const LIST = ['array'] as const;
const OBJECT = ['object'] as const;

function keyword(
  name: string,
  kind: KeywordKind,
  start: string,
  doc: string,
  more: Pick<Keyword, 'types' | 'suggestions'> = {},
): Keyword {
  return { name, kind, start, doc, ...more };
}

export const KEYWORDS: readonly Keyword[] = [
  keyword('title', 'text', '""', 'A short name.'),
  keyword('enum', 'values', '[]', 'The value is one of these.'),
  keyword('const', 'json', '""', 'The value is this one.'),
  keyword('$ref', 'text', '"#"', 'The schema at this place.'),
  keyword('format', 'text', '"date-time"', 'What the text is.', { types: TEXT, suggestions: FORMATS }),
  keyword('pattern', 'text', '""', 'A regular expression that matches within the text.', { types: TEXT }),
  keyword('minLength', 'count', '0', 'At least so many characters.', { types: TEXT }),
  keyword('maxLength', 'count', '100', 'At most so many characters.', { types: TEXT }),
  keyword('contentEncoding', 'text', '"base64"', 'How bytes are written as text.', { types: TEXT }),
  keyword('contentMediaType', 'text', '"application/json"', 'What the text holds.', { types: TEXT }),
  keyword('minimum', 'number', '0', 'Not less than this.', { types: NUMBERS }),
  keyword('maximum', 'number', '100', 'Not more than this.', { types: NUMBERS }),
  keyword('exclusiveMinimum', 'number', '0', 'More than this.', { types: NUMBERS }),
  keyword('exclusiveMaximum', 'number', '100', 'Less than this.', { types: NUMBERS }),
  keyword('multipleOf', 'number', '1', 'A multiple of this.', { types: NUMBERS }),
  keyword('items', 'flag', '{}', 'What every item fits.', { types: LIST }),
  keyword('minItems', 'count', '0', 'At least so many items.', { types: LIST }),
  keyword('maxItems', 'count', '10', 'At most so many items.', { types: LIST }),
  keyword('uniqueItems', 'flag', 'true', 'No two items are the same.', { types: LIST }),
  keyword('minContains', 'count', '1', 'At least so many items fit contains.', { types: LIST }),
  keyword('maxContains', 'count', '1', 'At most so many items fit contains.', { types: LIST }),
  keyword('contains', 'flag', '{}', 'At least one item fits this.', { types: LIST }),
  keyword('prefixItems', 'json', '[{}]', 'What the first items fit, one after the other.', { types: LIST }),
  keyword('additionalProperties', 'flag', 'false', 'Whether other keys may come, and what they fit.', {
    types: OBJECT,
  }),
  keyword('minProperties', 'count', '0', 'At least so many keys.', { types: OBJECT }),
  keyword('maxProperties', 'count', '10', 'At most so many keys.', { types: OBJECT }),
  keyword('patternProperties', 'json', '{"":{}}', 'What keys of a pattern fit.', { types: OBJECT }),
  keyword('propertyNames', 'flag', '{}', 'What every key fits.', { types: OBJECT }),
  keyword('anyOf', 'json', '[{}]', 'One of these fits, or more.'),
  keyword('oneOf', 'json', '[{}]', 'Exactly one of these fits.'),
  keyword('allOf', 'json', '[{}]', 'All of these fit.'),
  keyword('not', 'flag', '{}', 'This does not fit.'),
  keyword('$defs', 'json', '{"name":{}}', 'Schemas that others refer to.'),
  keyword('default', 'json', 'null', 'The value when there is none.'),
  keyword('examples', 'json', '[]', 'Values that fit.'),
  keyword('deprecated', 'flag', 'true', 'Not to be used any more.'),
  keyword('readOnly', 'flag', 'true', 'Told, never taken.'),
  keyword('writeOnly', 'flag', 'true', 'Taken, never told.'),
  keyword('$comment', 'text', '""', 'For those who read the schema.'),
];

const known = new Map(KEYWORDS.map((keyword) => [keyword.name, keyword]));

export function keywordOf(name: string): Keyword | null {
  return known.get(name) ?? null;
}
