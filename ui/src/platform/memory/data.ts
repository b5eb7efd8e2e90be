// What the in-memory host starts with: four connections, a small workspace, and runs that already happened.
import type { Comparison } from '../../bindings/Comparison';
import type { ComparisonSummary } from '../../bindings/ComparisonSummary';
import type { Connection } from '../../bindings/Connection';
import type { ConnectionHeader } from '../../bindings/ConnectionHeader';
import type { KeySource } from '../../bindings/KeySource';
import type { ModelInfo } from '../../bindings/ModelInfo';
import type { Network } from '../../bindings/Network';
import type { ProfileInfo } from '../../bindings/ProfileInfo';
import type { RunSummary } from '../../bindings/RunSummary';
import type { SandboxInfo } from '../../bindings/SandboxInfo';
import type { Settings } from '../../bindings/Settings';

export const network: Network = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  proxy: { kind: 'system' },
  caFile: null,
  maxRetries: 2,
  maxConcurrent: 4,
};

function header(
  name: string,
  value: string,
  source?: KeySource,
  only: ConnectionHeader['only'] = [],
): ConnectionHeader {
  return { name, value, secret: source ? { slot: 'key', source } : null, only };
}

const stored = (lastFour: string): KeySource => ({ kind: 'keychain', lastFour });

export const connections: Connection[] = [
  {
    id: 'scale-prod',
    name: 'Scale prod',
    profile: 'scaleGp',
    dialect: 'scaleV5',
    baseUrl: 'https://api.egp.scale.com',
    headers: [header('x-api-key', '{{key}}', stored('4f2a')), header('x-selected-account-id', '65f0c1d2')],
    network,
    plainHttpAgreed: false,
  },
  {
    id: 'scaigrid-eu',
    name: 'ScaiGrid EU',
    profile: 'scaigrid',
    dialect: 'scaigridV1',
    baseUrl: 'https://eu.scaigrid.example',
    headers: [header('Authorization', 'Bearer {{key}}', stored('91bc')), header('X-Request-ID', '{{uuid}}')],
    network,
    plainHttpAgreed: false,
  },
  {
    id: 'local',
    name: 'Local server',
    profile: 'openAiCompatible',
    dialect: 'openAi',
    baseUrl: 'http://localhost:8000/v1',
    headers: [header('Authorization', 'Bearer {{key}}', { kind: 'environment', name: 'LOCAL_API_KEY' })],
    network,
    plainHttpAgreed: false,
  },
  ...(['scaleV5', 'scaigridV1', 'openAi'] as const).map((dialect): Connection => ({
    id: `sandbox-${dialect}`,
    name: { scaleV5: 'Sandbox, Scale', scaigridV1: 'Sandbox, ScaiGrid', openAi: 'Sandbox, OpenAI' }[dialect],
    profile: 'sandbox',
    dialect,
    baseUrl: '',
    headers: [header('Authorization', 'Bearer {{key}}', { kind: 'memory', lastFour: 'able' })],
    network,
    plainHttpAgreed: false,
  })),
];

export const profiles: ProfileInfo[] = [
  {
    id: 'scaleGp',
    name: 'Scale GP',
    dialects: ['scaleV5'],
    baseUrls: [{ name: 'Production', url: 'https://api.egp.scale.com' }],
    headers: [
      header('x-api-key', '{{key}}', { kind: 'absent' }),
      header('x-selected-account-id', ''),
      {
        name: 'x-openai-api-key',
        value: '{{key}}',
        secret: { slot: 'openaiKey', source: { kind: 'absent' } },
        only: ['chat'],
      },
    ],
    authNote: 'Sends the key as x-api-key, and the account that pays as x-selected-account-id.',
    hosts: ['api.egp.scale.com', '.scale.com'],
  },
  {
    id: 'scaigrid',
    name: 'ScaiGrid',
    dialects: ['scaigridV1'],
    baseUrls: [],
    headers: [header('Authorization', 'Bearer {{key}}', { kind: 'absent' }), header('X-Request-ID', '{{uuid}}')],
    authNote: 'Sends the key as a bearer token, and a fresh request id with each call.',
    hosts: [],
  },
  {
    id: 'openAiCompatible',
    name: 'OpenAI-compatible',
    dialects: ['openAi'],
    baseUrls: [{ name: 'On this computer', url: 'http://localhost:8000/v1' }],
    headers: [header('Authorization', 'Bearer {{key}}', { kind: 'absent' })],
    authNote: 'Sends the key as a bearer token.',
    hosts: [],
  },
  {
    id: 'sandbox',
    name: 'Sandbox',
    dialects: ['scaleV5', 'scaigridV1', 'openAi'],
    baseUrls: [],
    headers: [],
    authNote: 'A server inside Juxta. It has a token of its own, made at each start.',
    hosts: [],
  },
];

const model = (id: string, more: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  displayName: null,
  kind: 'chat_completion',
  status: 'available',
  contextWindow: null,
  maxOutputTokens: null,
  inputPrice: null,
  outputPrice: null,
  description: null,
  ...more,
});

export const sandboxModels = [
  { id: 'sandbox/short', description: 'Two sentences at 60 tokens a second.' },
  { id: 'sandbox/long-markdown', description: 'Headings, a table, lists and code in Markdown.' },
  { id: 'sandbox/reasoning', description: 'Thinks aloud first, then answers.' },
  { id: 'sandbox/tools', description: 'Answers with tool calls.' },
  { id: 'sandbox/tools-steps', description: 'Asks two tools, and answers when both have their results.' },
];

export function modelsOf(connection: string): ModelInfo[] {
  if (connection.startsWith('sandbox-')) return sandboxModels.map(({ id, description }) => model(id, { description }));
  if (connection === 'scaigrid-eu') {
    return [model('llama-3.3-70b', { contextWindow: 131_072 }), model('mistral-small-3', { contextWindow: 32_768 })];
  }
  return [
    model('openai/gpt-4o', { contextWindow: 128_000, maxOutputTokens: 16_384, inputPrice: '2.50', outputPrice: '10' }),
    model('openai/gpt-4o-mini', { contextWindow: 128_000, inputPrice: '0.15', outputPrice: '0.60' }),
    model('openai/o3-mini', { contextWindow: 200_000, status: 'deprecated' }),
  ];
}

export const sandbox: SandboxInfo = {
  address: 'http://127.0.0.1:41234',
  faults: { scenario: null, tokensPerSecond: null, doneOnScale: false },
  connections: [
    { id: 'sandbox-scaleV5', dialect: 'scaleV5' },
    { id: 'sandbox-scaigridV1', dialect: 'scaigridV1' },
    { id: 'sandbox-openAi', dialect: 'openAi' },
  ],
  models: sandboxModels,
  scenarios: [
    { name: 'slow-first-byte', description: 'Waits three seconds before the first byte.' },
    { name: 'stall', description: 'Stops for five seconds in the middle.' },
    { name: 'cut', description: 'Closes the connection in the middle.' },
    { name: 'event-error', description: 'Sends an error inside the stream.' },
    { name: 'status-401', description: 'Refuses the key.' },
    { name: 'status-429', description: 'Asks to come back in five seconds.' },
    { name: 'html-500', description: 'Fails with a page of HTML.' },
  ],
};

export const settings: Settings = {
  theme: 'system',
  contrast: 'system',
  density: 'compact',
  zoom: 100,
  enterSends: false,
  shortcutsEnabled: true,
  shortcuts: [],
  layout: [],
  openComparison: 'refund-reply',
  started: true,
  renderer: 'automatic',
  codeWithSecrets: false,
  exportFolder: null,
  promptFolder: null,
  searches: [],
  notifyAtEnd: true,
};

const message = (id: string, role: 'system' | 'user' | 'assistant', text: string) => ({
  id,
  role,
  content: { kind: 'text' as const, text },
  muted: false,
  members: [],
  order: [],
});

export const refundReply: Comparison = {
  id: 'refund-reply',
  name: 'Refund reply',
  draft: {
    messages: [
      message(
        'm1',
        'system',
        'You write replies for Nordlys, a maker of bicycle lights. Answer in {{language}}, at most 110 words. Name the order, offer exactly one next step, and never promise a date.',
      ),
      message('m2', 'user', 'Order NL-19977: the strap snapped on the first ride. Can I get a new one?'),
      message(
        'm3',
        'assistant',
        'Hello Jonas, order NL-19977 is within warranty, so a new strap is on us. Please reply with your postal address and we will send it.',
      ),
      message(
        'm4',
        'user',
        'Order {{order_id}}: my rear light stopped charging after {{weeks}} weeks. I would like my money back, not another light. {{customer}}',
      ),
    ],
    parameters: [
      { name: 'temperature', json: '0.2' },
      { name: 'seed', json: '7' },
      { name: 'max_completion_tokens', json: '400' },
      { name: 'stop', json: 'null' },
      { name: 'stream', json: 'true' },
    ],
    order: [],
    textInput: false,
    toolPlan: { mode: 'step', rules: [], mostSteps: 8 },
    reasoningBack: 'usual',
    dataset: null,
    texts: [],
    batch: 0,
    recording: null,
    grid: { columns: null, rows: null },
    checks: [],
    variables: [
      { name: 'customer', value: 'Maren', kind: { kind: 'text' }, default: '' },
      { name: 'order_id', value: 'NL-20418', kind: { kind: 'text' }, default: '' },
      { name: 'weeks', value: '7', kind: { kind: 'text' }, default: '' },
      { name: 'language', value: 'English', kind: { kind: 'text' }, default: '' },
    ],
  },
  lanes: [
    {
      id: 'lane-1',
      connection: 'scale-prod',
      endpoint: 'chat',
      model: 'openai/gpt-4o',
      overrides: [],
      forkedMessages: null,
      muted: false,
      rawBody: null,
      hold: false,
      variables: [],
    },
    {
      id: 'lane-2',
      connection: 'scaigrid-eu',
      endpoint: 'chat',
      model: 'llama-3.3-70b',
      overrides: [{ kind: 'set', parameter: { name: 'temperature', json: '0.9' } }],
      forkedMessages: null,
      muted: false,
      rawBody: null,
      hold: false,
      variables: [],
    },
    {
      id: 'lane-3',
      connection: 'scale-prod',
      endpoint: 'chat',
      model: 'openai/gpt-4o',
      overrides: [
        { kind: 'set', parameter: { name: 'temperature', json: '2.4' } },
        { kind: 'set', parameter: { name: 'logprobs', json: 'true' } },
        { kind: 'set', parameter: { name: 'top_logprobs', json: '5' } },
      ],
      forkedMessages: null,
      muted: false,
      rawBody: null,
      hold: false,
      variables: [],
    },
  ],
  repeats: 1,
};

const names = ['Refund reply', 'Shipping delay', 'Warranty triage', 'Tone checks', 'Invoice lines', 'Meeting actions'];

export function summaries(now: number): ComparisonSummary[] {
  return names.map((name, index) => ({
    id: name.toLowerCase().replace(' ', '-'),
    name,
    updatedAt: now - index * 5_400_000,
    lanes: [3, 2, 3, 4, 1, 2][index] ?? 1,
    endpoint: 'chat',
  }));
}

export function pastRuns(now: number): RunSummary[] {
  const rows: [string, number, number, number][] = [
    ['Refund reply', 3, 3, 0],
    ['Refund reply', 2, 2, 0],
    ['Refund reply', 3, 2, 1],
    ['Invoice lines', 1, 1, 0],
    ['Tone checks', 4, 4, 0],
  ];
  return rows.map(([name, lanes, finished, unfinished], index) => ({
    id: `past-${index + 1}`,
    comparison: name.toLowerCase().replace(' ', '-'),
    name,
    startedAt: now - (index + 1) * 720_000,
    lanes,
    endpoint: 'chat',
    cells: lanes,
    finished,
    unfinished,
    live: false,
    starred: false,
    note: '',
  }));
}
