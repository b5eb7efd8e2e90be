// Every kind of output item: its title, its icon, and what of it matters to somebody who reads the answer. A kind that is
// not here gets a card with its type, its status and its JSON.
import type { IconName } from '../../components/icons';
import { plural } from '../../lib/format';
import { facts, failure, lines, links, note, output, string, type Block } from './blocks';
import type { ItemView } from './item-view';

export interface Kind {
  title: string | ((item: ItemView) => string);
  icon: IconName;
  /** Stands beside the title, as spelled on the wire. */
  subject?: (item: ItemView) => string | null;
  blocks: (item: ItemView) => Block[];
  /** Its card has no head while there is nothing to say beside what it holds. */
  quiet?: boolean;
}

const NOT_RUN = 'Shown only. Juxta runs no commands.';

export const KINDS: Readonly<Record<string, Kind>> = {
  message: {
    title: (item) => (item.text('/phase') === 'commentary' ? 'Commentary' : 'Message'),
    icon: 'file',
    blocks: () => [{ view: 'message' }],
    quiet: true,
  },
  reasoning: {
    title: 'Reasoning',
    icon: 'history',
    blocks: (item) => [
      { view: 'reasoning' },
      ...note(
        item.length('/encrypted_content') > 0
          ? `Encrypted (${plural(item.length('/encrypted_content'), 'byte')}); only the server can read it.`
          : null,
      ),
    ],
    quiet: true,
  },
  file_search_call: {
    title: 'File search',
    icon: 'search',
    blocks: (item) => [
      ...lines(item.texts('/queries'), { label: 'Queries' }),
      ...item.each('/results').flatMap((result) => [
        ...facts(item, {
          [`${result}/filename`]: 'filename',
          [`${result}/score`]: 'score',
          [`${result}/file_id`]: 'file_id',
        }),
        ...string(item, `${result}/text`, 'words'),
      ]),
    ],
  },
  function_call: {
    title: 'Function call',
    icon: 'code',
    subject: (item) => item.text('/name'),
    blocks: (item) => [
      { view: 'given', pointer: '/arguments' },
      ...facts(item, { '/namespace': 'namespace', '/call_id': 'call_id' }),
    ],
  },
  function_call_output: {
    title: 'Function result',
    icon: 'enter',
    subject: (item) => item.text('/name'),
    blocks: (item) => [...output(item, '/output'), ...facts(item, { '/call_id': 'call_id' })],
  },
  web_search_call: {
    title: 'Web search',
    icon: 'globe',
    blocks: webSearch,
  },
  computer_call: {
    title: 'Computer use',
    icon: 'target',
    blocks: (item) => [
      ...item
        .each('/pending_safety_checks')
        .flatMap((check) =>
          note(item.text(`${check}/message`) ?? item.text(`${check}/code`) ?? item.text(`${check}/id`), 'warn'),
        ),
      ...lines(
        [...(item.at('/action') ? ['/action'] : []), ...item.each('/actions')].map((one) => action(item, one)),
        {
          mono: true,
        },
      ),
      ...note('Shown only. Juxta presses nothing.'),
      ...facts(item, { '/call_id': 'call_id' }),
    ],
  },
  computer_call_output: {
    title: 'Screenshot',
    icon: 'eye',
    blocks: (item) => [
      ...(typeof item.at('/output/image_url') === 'string'
        ? [{ view: 'image', pointer: '/output/image_url', name: 'Screenshot' } as const]
        : []),
      ...lines(
        item
          .each('/acknowledged_safety_checks')
          .map(
            (check) => item.text(`${check}/message`) ?? item.text(`${check}/code`) ?? item.text(`${check}/id`) ?? '',
          ),
        { label: 'Acknowledged safety checks' },
      ),
      ...facts(item, { '/output/file_id': 'file_id', '/call_id': 'call_id' }),
    ],
  },
  tool_search_call: {
    title: 'Tool search',
    icon: 'search',
    subject: (item) => item.text('/execution'),
    blocks: (item) => [
      ...(typeof item.at('/arguments') === 'string'
        ? string(item, '/arguments', 'json')
        : [{ view: 'json', pointer: '/arguments' } as const]),
      ...facts(item, { '/call_id': 'call_id' }),
    ],
  },
  tool_search_output: {
    title: 'Tools found',
    icon: 'enter',
    subject: (item) => item.text('/execution'),
    blocks: (item) => [...lines(tools(item), { mono: true }), ...facts(item, { '/call_id': 'call_id' })],
  },
  compaction: {
    title: 'Context compacted',
    icon: 'minus',
    blocks: (item) =>
      note(
        `What was said before now stands in ${plural(item.length('/encrypted_content'), 'encrypted byte')}; only the server can read them.`,
      ),
  },
  image_generation_call: {
    title: 'Image',
    icon: 'eye',
    blocks: (item) => [
      ...(typeof item.at('/result') === 'string' && item.at('/result') !== ''
        ? [{ view: 'image', pointer: '/result', name: 'Generated image' } as const]
        : typeof item.at('/partial_image_b64') === 'string'
          ? [{ view: 'image', pointer: '/partial_image_b64', name: 'Image so far' } as const]
          : []),
      ...string(item, '/revised_prompt', 'words', { label: 'Revised prompt' }),
      ...failure(item, '/error'),
      ...facts(item, {
        '/size': 'size',
        '/quality': 'quality',
        '/output_format': 'output_format',
        '/background': 'background',
        '/action': 'action',
      }),
    ],
  },
  code_interpreter_call: {
    title: 'Code interpreter',
    icon: 'code',
    blocks: (item) => [
      { view: 'given', pointer: '/code' },
      ...item
        .each('/outputs')
        .flatMap((one): Block[] =>
          item.at(`${one}/logs`) !== undefined
            ? string(item, `${one}/logs`, 'code', { label: 'Logs' })
            : item.at(`${one}/url`) !== undefined
              ? [{ view: 'image', pointer: `${one}/url`, name: 'Image of the code' }]
              : [{ view: 'json', pointer: one }],
        ),
      ...facts(item, { '/container_id': 'container_id' }),
    ],
  },
  local_shell_call: {
    title: 'Local shell',
    icon: 'right',
    blocks: (item) => [
      ...lines(
        [item.texts('/action/command').map(shellWord).join(' ')].filter((line) => line !== ''),
        { mono: true },
      ),
      ...note(NOT_RUN),
      ...facts(item, {
        '/action/working_directory': 'working_directory',
        '/action/user': 'user',
        '/action/timeout_ms': 'timeout_ms',
        '/action/env': 'env',
        '/call_id': 'call_id',
      }),
    ],
  },
  local_shell_call_output: {
    title: 'Local shell result',
    icon: 'enter',
    blocks: (item) => string(item, '/output', 'json'),
  },
  shell_call: {
    title: 'Shell',
    icon: 'right',
    blocks: (item) => [
      ...(item.each('/action/commands').length > 0
        ? lines(item.texts('/action/commands'), { mono: true })
        : [{ view: 'given', pointer: '/action/commands' } as const]),
      ...note(NOT_RUN),
      ...facts(item, {
        '/action/timeout_ms': 'timeout_ms',
        '/action/max_output_length': 'max_output_length',
        '/environment': 'environment',
        '/call_id': 'call_id',
      }),
    ],
  },
  shell_call_output: {
    title: 'Shell result',
    icon: 'enter',
    blocks: (item) => [
      ...item.each('/output').flatMap((one) => terminal(item, one)),
      ...facts(item, { '/call_id': 'call_id' }),
    ],
  },
  apply_patch_call: {
    title: (item) => PATCHES[item.text('/operation/type') ?? ''] ?? 'Patch',
    icon: 'pencil',
    subject: (item) => item.text('/operation/path'),
    blocks: (item) => [
      ...string(item, '/operation/diff', 'diff'),
      ...note('Shown only. Juxta changes no files.'),
      ...facts(item, { '/call_id': 'call_id' }),
    ],
  },
  apply_patch_call_output: {
    title: 'Patch result',
    icon: 'enter',
    blocks: (item) => [...string(item, '/output', 'code'), ...facts(item, { '/call_id': 'call_id' })],
  },
  mcp_call: {
    title: 'MCP call',
    icon: 'external',
    subject: (item) => named(item),
    blocks: (item) => [
      { view: 'given', pointer: '/arguments' },
      ...failure(item, '/error'),
      ...string(item, '/output', 'json', { label: 'Output' }),
      ...facts(item, { '/approval_request_id': 'approval_request_id' }),
    ],
  },
  mcp_list_tools: {
    title: 'MCP tools',
    icon: 'external',
    subject: (item) => item.text('/server_label'),
    blocks: (item) => [
      ...failure(item, '/error'),
      ...facts(
        item,
        Object.fromEntries(
          item.each('/tools').map((tool) => [`${tool}/description`, item.text(`${tool}/name`) ?? 'tool']),
        ),
      ),
      ...lines(
        item
          .each('/tools')
          .filter((tool) => !item.text(`${tool}/description`))
          .map((tool) => item.text(`${tool}/name`) ?? item.json(tool) ?? ''),
        { mono: true },
      ),
    ],
  },
  mcp_approval_request: {
    title: 'Approval asked',
    icon: 'shield',
    subject: (item) => named(item),
    blocks: (item) => [
      ...string(item, '/arguments', 'json', { label: 'Arguments' }),
      ...note('The call waits for an mcp_approval_response.'),
      ...facts(item, { '/server_label': 'server_label', '/name': 'name', '/id': 'id' }),
    ],
  },
  mcp_approval_response: {
    title: (item) =>
      item.at('/approve') === true ? 'Approved' : item.at('/approve') === false ? 'Not approved' : 'Approval',
    icon: 'shield',
    blocks: (item) => [
      ...string(item, '/reason', 'words'),
      ...facts(item, { '/approval_request_id': 'approval_request_id' }),
    ],
  },
  custom_tool_call: {
    title: 'Custom tool call',
    icon: 'code',
    subject: (item) => item.text('/name'),
    blocks: (item) => [
      { view: 'given', pointer: '/input' },
      ...facts(item, { '/namespace': 'namespace', '/call_id': 'call_id' }),
    ],
  },
  custom_tool_call_output: {
    title: 'Custom tool result',
    icon: 'enter',
    blocks: (item) => [...output(item, '/output'), ...facts(item, { '/call_id': 'call_id' })],
  },
  /** What was said in a response whose sound has no item of its own. */
  audio: {
    title: 'Audio, with its transcript',
    icon: 'audio',
    blocks: () => [{ view: 'sound' }, { view: 'message' }],
  },
  value: {
    title: 'Value',
    icon: 'code',
    blocks: () => [{ view: 'value' }],
    quiet: true,
  },
};

export function titleOf(item: ItemView): string {
  const { title } = KINDS[item.item.type] ?? unknownKind(item.item.type);
  return typeof title === 'string' ? title : title(item);
}

/** The kind of a type that nobody documented. */
export function unknownKind(type: string): Kind {
  return {
    title: type === '' ? 'Item without a type' : type,
    icon: 'help',
    blocks: () => [{ view: 'json', pointer: '' }],
  };
}

const PATCHES: Readonly<Record<string, string>> = {
  create_file: 'Create file',
  update_file: 'Change file',
  delete_file: 'Delete file',
};

function named(item: ItemView): string | null {
  const parts = [item.text('/server_label'), item.text('/name')].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' / ');
}

function tools(item: ItemView): string[] {
  return item
    .each('/tools')
    .map((tool) => item.text(`${tool}/name`) ?? item.text(`${tool}/server_label`) ?? item.text(`${tool}/type`) ?? '');
}

function webSearch(item: ItemView): Block[] {
  const type = item.text('/action/type');
  const url = item.text('/action/url');
  const page = url === null ? [] : [{ title: url, address: url }];
  if (type === 'open_page') return links(page, 'Opened');
  if (type === 'find_in_page')
    return [...lines(item.texts('/action/pattern'), { label: 'Looked for' }), ...links(page, 'In')];
  const queries = item.texts('/action/queries');
  return [
    ...lines(queries.length > 0 ? queries : item.texts('/action/query'), { label: 'Searched for' }),
    ...links(
      item.each('/action/sources').flatMap((source) => {
        const address = item.text(`${source}/url`);
        return address === null ? [] : [{ title: address, address }];
      }),
      'Sources',
    ),
    ...(type !== null && type !== 'search' ? [{ view: 'json', pointer: '/action' } as const] : []),
  ];
}

/** `click 120, 48, button left`. */
function action(item: ItemView, pointer: string): string {
  const value = item.at(pointer);
  if (typeof value !== 'object' || value === null) return item.json(pointer) ?? '';
  const { type, x, y, text, keys, path, ...rest } = value as Record<string, unknown>;
  const place = (at: unknown, to: unknown) => (at === undefined ? [] : [`${String(at)}, ${String(to)}`]);
  const drag = Array.isArray(path)
    ? [path.map((point: unknown) => Object.values(point ?? {}).join(', ')).join(' → ')]
    : [];
  return [
    String(type ?? 'action'),
    ...place(x, y),
    ...drag,
    ...(Array.isArray(keys) ? [keys.join(' + ')] : []),
    ...(typeof text === 'string' ? [JSON.stringify(text)] : []),
    ...Object.entries(rest).map(([name, one]) => `${name} ${typeof one === 'string' ? one : JSON.stringify(one)}`),
  ].join(' ');
}

/** A word of a command line as a shell would need it, so that words with spaces can be told apart. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function terminal(item: ItemView, one: string): Block[] {
  const outcome = item.text(`${one}/outcome/type`);
  const code = item.text(`${one}/outcome/exit_code`);
  return [
    ...string(item, `${one}/stdout`, 'code', { label: 'stdout' }),
    ...string(item, `${one}/stderr`, 'code', { label: 'stderr' }),
    ...(outcome === 'timeout'
      ? note('Timed out', 'warn')
      : code !== null
        ? note(`Exit code ${code}`, code === '0' ? 'plain' : 'bad')
        : []),
  ];
}
