// Runs that never were, as many as a picture or a test wants. Each follows from its number alone.
import type { AppError } from '../../bindings/AppError';
import type { Cell } from '../../bindings/Cell';
import type { Run } from '../../bindings/Run';
import { refundReply } from './data';
import { emptyCell, played, requestOf, script } from './run';
import type { MemoryHost } from '../memory';

const names = ['Remboursement, schema v4', 'Refund reply, français', 'Tone checks, French', 'Extraction, avis clients'];
const places = [
  ['scale-prod', 'Scale prod', 'openai/gpt-4o'],
  ['scaigrid-eu', 'ScaiGrid EU', 'llama-3.3-70b'],
  ['scale-prod', 'Scale prod', 'openai/gpt-4o-mini'],
] as const;
const questions = [
  'Ma commande NL-20418 : le feu arrière ne charge plus. Je veux être remboursée.',
  'Bonjour, la sangle est arrivée déchirée. Que faites-vous ?',
  'Order NL-19977: the strap snapped on the first ride. Can I get a new one?',
];
const answers = [
  'Bonjour Maren, votre remboursement de 49,90 € sera versé sur la carte utilisée lors de l’achat.',
  '{\n  "langue": "fr",\n  "action": "remboursement",\n  "montant": "49,90",\n  "devise": "EUR",\n  "message": "Bonjour Maren, votre remboursement de 49,90 € sera versé sur la carte utilisée lors de l’achat."\n}',
  'Le remboursement est possible dès réception du colis. Nous procédons au contrôle du feu arrière par un technicien.',
  'Hello Jonas, order NL-19977 is within warranty, so a new strap is on us. Please reply with your postal address.',
  'La demande de remboursement partiel pour la sangle reçue déchirée est en cours, et nous gardons le vouvoiement.',
];

export interface MadeCall {
  cell: string;
  run: string;
  name: string;
  startedAt: number;
  connection: string;
  connectionName: string;
  model: string;
  state: 'finished' | 'failed' | 'stopped';
  status: number | null;
  prompt: string;
  answer: string;
  error: string;
  firstToken: number | null;
  tokens: number | null;
  cost: number | null;
}

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

/** Days of a made-up history; the last ones of each week have few calls. */
const days = 56;

export function madeCall(index: number, count: number, now: number): MadeCall {
  const [connection, connectionName, model] = pick(places, index * 7 + (index >> 3));
  const failed = index % 11 === 4;
  const stopped = !failed && index % 29 === 7;
  const perDay = Math.max(1, Math.ceil(count / days));
  const day = Math.floor(index / perDay);
  const answer = pick(answers, index * 3 + (index >> 2));
  const priced = connection === 'scale-prod' && !failed;
  return {
    cell: `made-${index}-0`,
    run: `made-${index}`,
    name: pick(names, index >> 1),
    startedAt: now - day * 86_400_000 - Math.round(((index % perDay) / perDay) * 14 * 3_600_000) - 60_000,
    connection,
    connectionName,
    model,
    state: failed ? 'failed' : stopped ? 'stopped' : 'finished',
    status: failed ? pick([422, 429, 500], index) : 200,
    prompt: pick(questions, index),
    answer: failed ? '' : answer,
    error: failed ? 'Input should be less than or equal to 2' : '',
    firstToken: failed ? null : 388 + ((index * 137) % 940),
    tokens: failed ? null : 88 + ((index * 31) % 120),
    cost: priced ? (88 + ((index * 31) % 120)) * (model.endsWith('mini') ? 0.000002 : 0.00005) : null,
  };
}

/** The run behind such a call, with everything a screen asks of it. */
export function madeRun(host: MemoryHost, call: MadeCall): Run {
  const snapshot = structuredClone(refundReply);
  snapshot.id = `made-comparison-${call.name}`;
  snapshot.name = call.name;
  snapshot.lanes = snapshot.lanes.slice(0, 1).map((lane) => ({
    ...lane,
    id: `${snapshot.id}-lane`,
    connection: call.connection,
    model: call.model,
  }));
  const [system] = snapshot.draft.messages;
  const asked = snapshot.draft.messages.at(-1);
  if (asked) asked.content = { kind: 'text', text: call.prompt };
  snapshot.draft.messages = [system, asked].filter((message) => message !== undefined);
  const [lane] = snapshot.lanes;
  const connection = host.connections.find(({ id }) => id === call.connection) ?? host.connections[0];
  if (!lane || !connection) throw new Error('a made-up run has a lane and a connection');
  const queued = emptyCell(call.cell, call.run, snapshot, 0, 0, connection);
  const cell = played(script(queued, requestOf(snapshot, lane, connection, connection.baseUrl), [], call.startedAt));
  return {
    summary: {
      id: call.run,
      comparison: snapshot.id,
      name: call.name,
      startedAt: call.startedAt,
      lanes: 1,
      endpoint: lane.endpoint,
      cells: 1,
      finished: call.state === 'finished' ? 1 : 0,
      unfinished: call.state === 'finished' ? 0 : 1,
      live: false,
      starred: false,
      note: '',
    },
    snapshot,
    cells: [fitted(cell, call)],
  };
}

function fitted(cell: Cell, call: MadeCall): Cell {
  const error: AppError | null =
    call.state === 'failed'
      ? {
          kind: 'rejected',
          status: call.status ?? 500,
          category: 'validation',
          code: null,
          message: call.error,
          retryAfter: null,
          requestId: 'req_7Qm2kXv0aL',
          fields: [],
          event: null,
          contentType: 'application/json',
          elapsedMs: 186,
          retryable: false,
        }
      : null;
  return {
    ...cell,
    state: { kind: call.state },
    error,
    metrics: {
      ...cell.metrics,
      timeToFirstToken: call.firstToken,
      visibleTokens: call.tokens,
      cost:
        call.cost === null
          ? null
          : { amount: call.cost, currency: 'USD', formula: 'made up', priceDate: '2026-10-01', estimated: false },
    },
    outcome: {
      ...cell.outcome,
      choices: cell.outcome.choices.map((choice) => ({ ...choice, text: call.answer })),
    },
    arrivals: error ? [] : cell.arrivals,
  };
}
