// The kinds of tools that the form knows, with the members it has fields for. What is documented of hosted tools comes from
// the reference of the responses endpoint; a member that is not here is shown as JSON.
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { ParameterKind } from '../../bindings/ParameterKind';

/** A member of a tool that the form has a field for. */
export interface ToolMember {
  name: string;
  kind: ParameterKind;
  doc: string;
}

export interface ToolKind {
  type: string;
  label: string;
  doc: string;
  members: readonly ToolMember[];
  /** JSON text that it begins with, beside its type. */
  start: string;
}

const text = (...suggestions: string[]): ParameterKind => ({ kind: 'text', suggestions });
const integer = (minimum: number, maximum: number | null = null): ParameterKind => ({
  kind: 'integer',
  minimum,
  maximum,
});
const texts: ParameterKind = { kind: 'textList', suggestions: [] };
const object = (example: string): ParameterKind => ({ kind: 'object', example });
const textOrObject = (example: string, ...suggestions: string[]): ParameterKind => ({
  kind: 'textOrObject',
  suggestions,
  example,
});

const PLACE = '{"type":"approximate","country":"CH","city":"Bern","region":"Bern","timezone":"Europe/Zurich"}';
const GRAMMAR_FLAT = '{"type":"grammar","syntax":"lark","definition":"start: /[a-z]+/"}';
const GRAMMAR_NESTED = '{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /[a-z]+/"}}';

const context: ToolMember = {
  name: 'search_context_size',
  kind: text('low', 'medium', 'high'),
  doc: 'How much of what is found the model reads.',
};
const place: ToolMember = { name: 'user_location', kind: object(PLACE), doc: 'Where to search as if from.' };

/** Tools that the provider runs, or whose calls have a form of their own. Responses alone have them. */
export const HOSTED: readonly ToolKind[] = [
  {
    type: 'web_search',
    label: 'Web search',
    doc: 'The provider searches the web and cites what it finds.',
    start: '{}',
    members: [
      context,
      place,
      { name: 'filters', kind: object('{"allowed_domains":["example.org"]}'), doc: 'Domains that may be searched.' },
    ],
  },
  {
    type: 'file_search',
    label: 'File search',
    doc: 'The provider searches files in its vector stores.',
    start: '{"vector_store_ids":[]}',
    members: [
      { name: 'vector_store_ids', kind: texts, doc: 'The stores that are searched.' },
      { name: 'max_num_results', kind: integer(1, 50), doc: 'The most results.' },
      {
        name: 'ranking_options',
        kind: object('{"ranker":"auto","score_threshold":0}'),
        doc: 'How results are put in order, and below which score they are left out.',
      },
      {
        name: 'filters',
        kind: object('{"type":"eq","key":"lang","value":"en"}'),
        doc: 'Which files by their attributes.',
      },
    ],
  },
  {
    type: 'mcp',
    label: 'MCP server',
    doc: 'The provider calls tools of a server that speaks the Model Context Protocol.',
    start: '{"server_label":"","server_url":"","require_approval":"always"}',
    members: [
      { name: 'server_label', kind: text(), doc: 'What calls name the server by.' },
      { name: 'server_url', kind: text(), doc: 'Where the provider finds the server.' },
      { name: 'server_description', kind: text(), doc: 'What the model is told of the server.' },
      { name: 'connector_id', kind: text(), doc: 'A connector of the provider, in place of an address.' },
      {
        name: 'require_approval',
        kind: textOrObject('{"never":{"tool_names":["read"]}}', 'always', 'never'),
        doc: 'Whether calls wait until you approve them.',
      },
      { name: 'allowed_tools', kind: texts, doc: 'The tools that may be called; unset is all of them.' },
    ],
  },
  {
    type: 'code_interpreter',
    label: 'Code interpreter',
    doc: 'The provider runs code that the model writes.',
    start: '{"container":{"type":"auto"}}',
    members: [
      {
        name: 'container',
        kind: textOrObject('{"type":"auto","file_ids":[]}'),
        doc: 'Where it runs: the id of a container, or how to make one.',
      },
    ],
  },
  {
    type: 'image_generation',
    label: 'Image generation',
    doc: 'The provider makes images that come with the answer.',
    start: '{}',
    members: [
      { name: 'model', kind: text(), doc: 'The model that makes them.' },
      { name: 'size', kind: text('auto', '1024x1024', '1024x1536', '1536x1024'), doc: 'Width by height.' },
      { name: 'quality', kind: text('auto', 'low', 'medium', 'high'), doc: 'How fine they are.' },
      { name: 'background', kind: text('auto', 'opaque', 'transparent'), doc: 'What is behind the subject.' },
      { name: 'output_format', kind: text('png', 'webp', 'jpeg'), doc: 'The format of the file.' },
      { name: 'output_compression', kind: integer(0, 100), doc: 'How much webp and jpeg are compressed.' },
      { name: 'partial_images', kind: integer(0, 3), doc: 'How many unfinished images come before.' },
      { name: 'input_fidelity', kind: text('low', 'high'), doc: 'How close it stays to images it is given.' },
      { name: 'moderation', kind: text('auto', 'low'), doc: 'How strictly images are checked.' },
    ],
  },
  {
    type: 'computer_use_preview',
    label: 'Computer use',
    doc: 'The model asks for clicks and keys on a screen, and is answered with a screenshot.',
    start: '{"display_width":1024,"display_height":768,"environment":"browser"}',
    members: [
      { name: 'display_width', kind: integer(1), doc: 'Width of the screen in pixels.' },
      { name: 'display_height', kind: integer(1), doc: 'Height of the screen in pixels.' },
      {
        name: 'environment',
        kind: text('browser', 'mac', 'windows', 'linux', 'ubuntu'),
        doc: 'What the screen shows.',
      },
    ],
  },
  {
    type: 'shell',
    label: 'Shell',
    doc: 'The model asks for commands. Juxta runs none of them.',
    start: '{}',
    members: [{ name: 'environment', kind: object('{"type":"local"}'), doc: 'Where commands would run.' }],
  },
  {
    type: 'local_shell',
    label: 'Local shell',
    doc: 'The model asks for a command. Juxta runs none of them.',
    start: '{}',
    members: [],
  },
  {
    type: 'apply_patch',
    label: 'Apply patch',
    doc: 'The model asks for changes to files. Juxta changes none of them.',
    start: '{}',
    members: [],
  },
  {
    type: 'tool_search',
    label: 'Tool search',
    doc: 'The model looks for tools before it calls them.',
    start: '{}',
    members: [
      { name: 'execution', kind: text('server', 'client'), doc: 'Who searches.' },
      { name: 'description', kind: text(), doc: 'What the model is told of the search.' },
    ],
  },
  {
    type: 'namespace',
    label: 'Namespace',
    doc: 'Several tools under one name.',
    start: '{"name":"","description":"","tools":[]}',
    members: [
      { name: 'name', kind: text(), doc: 'What its tools are named by.' },
      { name: 'description', kind: text(), doc: 'What the model is told of them.' },
      {
        name: 'tools',
        kind: { kind: 'objectList', example: '[{"type":"function","name":"get_time"}]', maximumItems: null },
        doc: 'Its tools, spelled flat.',
      },
    ],
  },
];

/** Other names of the same kinds. */
const ALIASES: Readonly<Record<string, string>> = {
  web_search_2025_08_26: 'web_search',
  web_search_preview: 'web_search',
  web_search_preview_2025_03_11: 'web_search',
  computer: 'computer_use_preview',
};

const FUNCTION: ToolKind = {
  type: 'function',
  label: 'Function',
  doc: 'The model asks for a call with arguments of a schema.',
  start: '{"name":"","description":"","parameters":{"type":"object","properties":{},"required":[]}}',
  members: [],
};

function custom(endpoint: EndpointKind): ToolKind {
  const grammar = endpoint === 'chat' ? GRAMMAR_NESTED : GRAMMAR_FLAT;
  return {
    type: 'custom',
    label: 'Custom',
    doc: 'The model asks for a call with a text of its own.',
    start: '{"name":"","description":""}',
    members: [{ name: 'format', kind: object(grammar), doc: 'What the text may be: any, or what a grammar allows.' }],
  };
}

/** `null` for one that the form does not know. */
export function kindOf(type: string, endpoint: EndpointKind): ToolKind | null {
  if (type === 'function') return FUNCTION;
  if (type === 'custom') return custom(endpoint);
  return HOSTED.find((kind) => kind.type === (ALIASES[type] ?? type)) ?? null;
}

/** What a list of an endpoint may get: a chat has functions and custom tools alone. */
export function kindsFor(endpoint: EndpointKind): readonly ToolKind[] {
  const own = [FUNCTION, custom(endpoint)];
  return endpoint === 'responses' ? [...own, ...HOSTED] : own;
}
