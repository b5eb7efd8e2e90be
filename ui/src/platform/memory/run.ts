// A run that plays a script: the same cells, states and batches that the engine sends, with made-up times.
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { Choice } from '../../bindings/Choice';
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import type { Lane } from '../../bindings/Lane';
import type { Parameter } from '../../bindings/Parameter';
import { answerHeaders, refusalHeaders } from './facts';
import type { RequestView } from '../../bindings/RequestView';
import { carry, tableOf } from './carry';
import { choiceOf, emptyChoice, itemAnswer, pieces, take } from './items';
import { asksForSchema, structuredAnswer } from './schema';
import { pictureScript } from './pictures';
import { toolAppends, toolItems, type ToolTurn } from './tools';
import { vectorScript } from './vectors';
import { piecesOf } from './words';

const answers = [
  'Hello Maren,\n\nI’m sorry your rear light stopped charging after seven weeks. Order NL-20418 is still within warranty, and you are free to choose a refund instead of a replacement.\n\nTo start it, please reply with a photo of the serial number, which is printed under the mount. I will then email you a prepaid return label, and the refund goes back to the card you paid with.\n\nNordlys Support',
  'Hi Maren,\n\nThank you for writing, and I’m sorry the rear light from order NL-20418 stopped charging so soon. Seven weeks is well inside our two-year warranty, so a refund is yours if you prefer it to a replacement.\n\nThe next step is simple: reply to this message with a photo of the charging port. We will check it and start the refund.\n\nWarm regards,\nNordlys Support',
  '## Refund\n\nOrder **NL-20418** is within warranty.\n\n| Step | Who |\n| --- | --- |\n| Photo of the port | you |\n| Refund | us |\n\n```json\n{ "order": "NL-20418", "refund": true }\n```\n\nReply with a photo and we start.',
];

function fill(text: string, comparison: Comparison, lane: Lane): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => {
    const variable = [...lane.variables, ...comparison.draft.variables].find((one) => one.name === name);
    return variable ? variable.value || variable.default : whole;
  });
}

const versions = { scaleV5: 'v5', scaigridV1: 'v1', openAi: 'v1' };
const paths: Record<Lane['endpoint'], string> = {
  chat: 'chat/completions',
  responses: 'responses',
  generic: 'inference',
  generate: 'inference/generate',
  completions: 'completions',
  embed: 'embeddings',
  image: 'images/generations',
  transcribe: 'audio/transcriptions',
  synthesize: 'audio/speech',
  models: 'models',
};
/** Where ScaiGrid has another path. */
const scaigridPaths: Partial<Record<Lane['endpoint'], string>> = {
  chat: 'inference/chat',
  embed: 'inference/embed',
  image: 'inference/images/generate',
  transcribe: 'inference/audio/transcribe',
  synthesize: 'inference/audio/synthesize',
};
/** The body member that the content of a draft becomes. */
const contents: Record<Lane['endpoint'], string> = {
  chat: 'messages',
  responses: 'input',
  generic: 'args',
  generate: 'prompt',
  completions: 'prompt',
  embed: 'input',
  image: 'prompt',
  transcribe: 'file',
  synthesize: 'input',
  models: 'messages',
};

function pathOf({ endpoint }: Lane, { dialect }: Connection): string {
  const path = (dialect === 'scaigridV1' && scaigridPaths[endpoint]) || paths[endpoint];
  return `/${versions[dialect]}/${path}`;
}

export function requestOf(comparison: Comparison, lane: Lane, connection: Connection, base: string): RequestView {
  const messages = (lane.forkedMessages ?? comparison.draft.messages)
    .filter((message) => !message.muted)
    .map(({ role, content }) => ({
      role,
      content: content.kind === 'text' ? fill(content.text, comparison, lane) : null,
    }));
  const filled = (lane.forkedMessages ?? comparison.draft.messages)
    .filter((message) => !message.muted)
    .flatMap(({ content }) => (content.kind === 'text' ? (content.text.match(/\{\{\w+\}\}/g) ?? []) : [])).length;
  const based = new Map(comparison.draft.parameters.map(({ name, json }) => [name, json]));
  const table = tableOf(lane.endpoint, connection.dialect);
  const sent = carry(comparison, lane, connection);
  const member = contents[lane.endpoint];
  const texts = messages.map(({ content }) => content ?? '').join('\n\n');
  const content =
    lane.endpoint === 'embed'
      ? comparison.draft.texts
      : member === 'prompt'
        ? texts
        : member === 'args'
          ? { messages }
          : messages;
  const keys = [
    { name: 'model', json: JSON.stringify(lane.model), origin: 'lane' as const },
    ...(sent.keys.some(({ name }) => name === member)
      ? []
      : [{ name: member, json: JSON.stringify(content), origin: 'draft' as const }]),
    ...sent.keys,
  ].map((key) => ({
    ...key,
    extra: key.name !== 'model' && key.name !== member && !table.includes(key.name),
    baseJson: key.origin === 'lane' ? (based.get(key.name) ?? null) : null,
    filled: key.name === member ? filled : 0,
  }));
  const body = lane.rawBody ?? `{${keys.map(({ name, json }) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  return {
    method: 'POST',
    url: base.replace(/\/(v1|v5)?\/?$/, '') + pathOf(lane, connection),
    headers: [
      { name: 'content-type', value: 'application/json', secret: false, origin: 'protocol' as const },
      ...connection.headers.map(({ name, value, secret }) => ({
        name,
        value: secret
          ? value.replace('{{key}}', '••••4f2a')
          : value.replace('{{uuid}}', '8b0e4c1e-55b1-4f0e-9d52-0a3f6f1f7c11'),
        secret: secret !== null,
        origin: 'connection' as const,
      })),
    ],
    body,
    bodyBytes: new TextEncoder().encode(body).length,
    // What the messages became stands in the body, and not here a second time.
    keys: keys.map((key) => (key.name === member && key.origin === 'draft' ? { ...key, json: '' } : key)),
    warnings: [],
    absent: table.filter((name) => !keys.some((key) => key.name === name)),
    carried: sent.carried,
    parts: [],
  };
}

export function emptyCell(
  id: string,
  run: string,
  comparison: Comparison,
  laneIndex: number,
  repeat: number,
  connection: Connection,
): Cell {
  const lane = comparison.lanes[laneIndex];
  if (!lane) throw new Error(`no lane ${laneIndex}`);
  return {
    id,
    run,
    lane: lane.id,
    laneIndex,
    repeat,
    step: 0,
    connection: connection.id,
    connectionName: connection.name,
    dialect: connection.dialect,
    endpoint: lane.endpoint,
    model: lane.model,
    state: { kind: 'queued' },
    startedAt: null,
    attempt: 1,
    request: null,
    head: null,
    phases: { dns: null, connect: null, tls: null, send: null, wait: null, receive: null, reusedConnection: false },
    milestones: {
      firstByte: null,
      firstEvent: null,
      firstReasoning: null,
      lastReasoning: null,
      firstText: null,
      lastText: null,
      end: null,
    },
    metrics: {
      timeToFirstToken: null,
      tokensPerSecond: null,
      visibleSpan: null,
      inputTokens: null,
      cachedTokens: null,
      visibleTokens: null,
      reasoningTokens: null,
      estimated: false,
      reasoningTime: null,
      cost: null,
    },
    outcome: {
      choices: [],
      status: null,
      incompleteReason: null,
      usage: null,
      model: null,
      responseId: null,
      endMarker: false,
      events: 0,
      media: null,
    },
    error: null,
    arrivals: [],
    results: [],
    arguments: [],
    choice: 0,
    replaced: null,
    slice: null,
  };
}

const choice = (text: string, reasoning: string): Choice => ({
  ...emptyChoice(0),
  text,
  reasoning,
  finishReason: 'stop',
});

/** What is said of an answer that was wanted as a sound. */
function spoken(parameters: readonly Parameter[]): Partial<Choice> {
  const isWanted = parameters.find(({ name }) => name === 'modalities')?.json.includes('"audio"') ?? false;
  return isWanted
    ? { audio: { id: 'audio_1', expiresAt: 1_795_003_600, isTranscript: true, characters: 409_600 } }
    : {};
}

/** What an answer says after one more step. */
export function grown(outcome: Cell['outcome'], step: Step): Cell['outcome'] {
  const choices = new Map(outcome.choices.map((one) => [one.index, one]));
  for (const append of step.appends ?? []) {
    if (append.kind === 'restart') choices.clear();
    else choices.set(append.choice, take(choices.get(append.choice) ?? emptyChoice(append.choice), append));
  }
  return { ...outcome, choices: [...choices.values()] };
}

/** One step of a script: what the page is told, and when, in milliseconds since the call began. */
export interface Step {
  at: number;
  appends?: Append[];
  arrivals?: number[];
  head?: Cell;
}

/** Pieces of the answer before an `event-error` breaks it off. */
const BROKEN_AFTER = 14;

/** A number for each repeat after the first, so that not all answers of a lane are the same. */
const variation = ({ laneIndex, repeat }: Cell): number =>
  repeat === 0 ? 0 : (repeat * 7919 + laneIndex * 104_729) % 1009;

function reworded(text: string, varied: number): string {
  if (varied === 0) return text;
  const named = varied % 9 === 0 ? text.replace(/(?:order|Order) \**NL-20418\**/, 'your order') : text;
  const told = varied % 4 === 0 ? named.replace('the refund', 'by Friday the refund') : named;
  return varied % 2 === 0 ? told.replace('sorry', 'very sorry') : told;
}

/** The whole life of one call; `fault` is one of the sandbox's scenarios. */
export function script(
  queued: Cell,
  request: RequestView,
  parameters: Parameter[],
  startedAt: number,
  fault: string | null = null,
  turn: ToolTurn | null = null,
): Step[] {
  const started: Cell = { ...queued, startedAt, request };
  if (queued.endpoint === 'embed') return vectorScript(started, parameters);
  const temperature = Number(parameters.find(({ name }) => name === 'temperature')?.json ?? '1');
  if (temperature > 2 || queued.model.includes('422')) return refused(started, temperature);

  if (queued.endpoint === 'image') return pictureScript(started, parameters);

  const varied = variation(queued);
  const first = 380 + queued.laneIndex * 184 + (varied % 97) + (varied % 13 === 5 ? 240 : 0);
  const gap = (queued.laneIndex % 2 === 0 ? 12 : 19) * (queued.model.includes('slow') ? 20 : 1);
  const prose = reworded(answers[queued.laneIndex % answers.length] ?? '', varied);
  const text = turn ? turn.text : asksForSchema(request) ? structuredAnswer : prose;
  const words = piecesOf(text);
  const thoughts = queued.model.includes('reasoning')
    ? piecesOf('The order is within warranty. A refund is asked for, so offer one step: a photo. ')
    : [];
  const steps: Step[] = [{ at: 0, head: { ...started, state: { kind: 'waiting' } } }];
  const head: Cell = {
    ...started,
    state: { kind: 'streaming' },
    head: {
      status: 200,
      protocol: 'HTTP/2.0',
      headers: answerHeaders(started),
      remoteAddress: '203.0.113.7:443',
      redirects: [],
      tls: { version: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    },
    phases: {
      dns: { start: 0, end: 11 },
      connect: { start: 11, end: 38 },
      tls: { start: 38, end: 84 },
      send: { start: 84, end: 85 },
      wait: { start: 85, end: first },
      receive: null,
      reusedConnection: false,
    },
    milestones: { ...queued.milestones, firstByte: first, firstEvent: first },
  };
  steps.push({ at: first, head });
  const items = turn && queued.endpoint === 'responses' ? toolItems(turn) : itemAnswer(queued.endpoint);
  if (items) {
    const appended = items.flatMap((one, index) => pieces(index, one));
    const times = appended.map((_, index) => first + index * gap);
    steps.push(...appended.map((appends, index) => ({ at: times[index]!, arrivals: [times[index]!], appends })));
    steps.push(
      endOfItems(
        head,
        items.map((one, index) => choiceOf(index, one)),
        times,
      ),
    );
    return steps;
  }
  let at = first;
  const arrivals: number[] = [];
  for (const [index, word] of [...thoughts, ...words].entries()) {
    at += index % 17 === 9 ? gap * 4 : gap;
    if (fault === 'stall' && index === words.length >> 1) at += 850;
    if (fault === 'event-error' && index === BROKEN_AFTER) {
      steps.push({ at, arrivals: [at], head: brokenOff(head, at, thoughts.length === 0 ? arrivals[0]! : null) });
      return steps;
    }
    arrivals.push(at);
    const kind = index < thoughts.length ? 'reasoning' : 'text';
    steps.push({ at, arrivals: [at], appends: [{ kind, choice: 0, text: word }] });
  }
  const calls = toolAppends(turn);
  if (calls.length > 0) steps.push({ at, arrivals: [at], appends: calls });
  const firstText = arrivals[thoughts.length] ?? first;
  const span = at - firstText;
  const priced = queued.model.startsWith('openai/');
  const usage = {
    inputTokens: 151,
    cachedTokens: 0,
    outputTokens: words.length + thoughts.length,
    reasoningTokens: thoughts.length,
    totalTokens: 151 + words.length + thoughts.length,
    reportedCost: null,
  };
  const price = (151 * 2.5 + words.length * 10) / 1e6;
  steps.push({
    at: at + 8,
    head: {
      ...head,
      state: { kind: 'finished' },
      phases: { ...head.phases, receive: { start: first, end: at + 8 } },
      milestones: {
        ...head.milestones,
        firstReasoning: thoughts.length > 0 ? arrivals[0]! : null,
        lastReasoning: arrivals[thoughts.length - 1] ?? null,
        firstText,
        lastText: at,
        end: at + 8,
      },
      metrics: {
        timeToFirstToken: firstText,
        tokensPerSecond: span > 0 ? (words.length / span) * 1000 : null,
        visibleSpan: span,
        inputTokens: 151,
        cachedTokens: 0,
        visibleTokens: words.length,
        reasoningTokens: thoughts.length,
        estimated: false,
        reasoningTime: null,
        cost: priced
          ? {
              amount: price,
              currency: 'USD',
              formula: `151 in × $2.50 + ${words.length} out × $10.00 per million`,
              priceDate: '2026-10-01',
              estimated: false,
            }
          : null,
      },
      outcome: {
        choices: [calls.reduce(take, { ...choice(text, thoughts.join('')), ...spoken(parameters) })],
        status: null,
        incompleteReason: null,
        usage,
        model: queued.model,
        responseId: `resp-${queued.id}`,
        endMarker: true,
        events: arrivals.length,
        media: null,
      },
    },
  });
  return steps;
}

function endOfItems(head: Cell, choices: Choice[], times: readonly number[]): Step {
  const end = times.at(-1)! + 8;
  const visible = choices.reduce((sum, { text }) => sum + piecesOf(text).length, 0);
  const thought = choices.reduce((sum, { reasoning }) => sum + piecesOf(reasoning).length, 0);
  const first = times[0]!;
  return {
    at: end,
    head: {
      ...head,
      state: { kind: 'finished' },
      phases: { ...head.phases, receive: { start: first, end } },
      milestones: { ...head.milestones, firstText: first, lastText: end - 8, end },
      metrics: {
        ...head.metrics,
        timeToFirstToken: first,
        visibleTokens: visible,
        reasoningTokens: thought,
        inputTokens: 151,
      },
      outcome: {
        choices,
        status: 'completed',
        incompleteReason: null,
        usage: {
          inputTokens: 151,
          cachedTokens: 0,
          outputTokens: visible + thought,
          reasoningTokens: thought,
          totalTokens: 151 + visible + thought,
          reportedCost: null,
        },
        model: head.model,
        responseId: `resp_${head.id.replace(/\W/g, '')}`,
        endMarker: true,
        events: times.length,
        media: null,
      },
    },
  };
}

function brokenOff(head: Cell, at: number, firstText: number | null): Cell {
  return {
    ...head,
    state: { kind: 'failed' },
    phases: { ...head.phases, receive: { start: head.milestones.firstByte ?? 0, end: at } },
    milestones: { ...head.milestones, firstText, lastText: firstText && at, end: at },
    metrics: { ...head.metrics, timeToFirstToken: firstText },
    error: {
      kind: 'rejected',
      status: 200,
      category: 'server',
      code: 'backend_unavailable',
      message: 'worker eu-w-07 restarted',
      retryAfter: null,
      requestId: '01JD5W9T4QH8',
      fields: [],
      event: BROKEN_AFTER + 1,
      contentType: 'text/event-stream',
      elapsedMs: at,
      retryable: true,
    },
  };
}

function refused(started: Cell, temperature: number): Step[] {
  const error: Cell['error'] = {
    kind: 'rejected',
    status: 422,
    category: 'validation',
    code: null,
    message: 'Input should be less than or equal to 2',
    retryAfter: null,
    requestId: 'req_7Qm2kXv0aL',
    fields: [
      {
        path: ['body', 'temperature'],
        message: 'Input should be less than or equal to 2',
        parameter: 'temperature',
        input: String(temperature),
      },
    ],
    event: null,
    contentType: 'application/json',
    elapsedMs: 186,
    retryable: false,
  };
  const head = {
    status: 422,
    protocol: 'HTTP/2.0',
    headers: refusalHeaders(error.kind === 'rejected' ? error.requestId : null),
    remoteAddress: '203.0.113.7:443',
    redirects: [],
    tls: { version: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  };
  return [
    { at: 0, head: { ...started, state: { kind: 'waiting' } } },
    {
      at: 186,
      head: {
        ...started,
        state: { kind: 'failed' },
        head,
        milestones: { ...started.milestones, firstByte: 185, end: 186 },
        error,
      },
    },
  ];
}

/** The cell as it stands after its whole script, for runs that are over. */
export function played(steps: Step[]): Cell {
  const last = steps.findLast((step) => step.head)?.head;
  if (!last) throw new Error('a script tells the state of its cell');
  return { ...last, arrivals: steps.flatMap((step) => step.arrivals ?? []) };
}

export function updateOf(cell: Cell, sequence: number, step: Step): CellUpdate {
  return {
    cell: cell.id,
    run: cell.run,
    sequence,
    appends: step.appends,
    arrivals: step.arrivals,
    cellHead: step.head ?? null,
  };
}
