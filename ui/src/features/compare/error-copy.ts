/** The words of every failure, in one table: kind of error to headline, the server's words, facts and main action. */
import type { AppError } from '../../bindings/AppError';
import type { Certificate } from '../../bindings/Certificate';
import type { FieldError } from '../../bindings/FieldError';
import type { NetworkStage } from '../../bindings/NetworkStage';
import type { Rejection } from '../../bindings/Rejection';
import type { RejectionCategory } from '../../bindings/RejectionCategory';
import { count, duration } from '../../lib/format';

/** What the main button does. Whoever shows the error knows how. */
export type ErrorAction =
  | { kind: 'goTo'; parameter: string }
  | { kind: 'runAgain' }
  | { kind: 'openConnection'; label: string; focus: 'baseUrl' | 'key' | 'network' | 'plainHttp' }
  | { kind: 'showRequest'; label: string }
  | { kind: 'showSize' }
  | { kind: 'showCertificate'; certificates: Certificate[] }
  | { kind: 'showBody'; label: string }
  | { kind: 'goToVariable'; name: string };

export interface ErrorFact {
  name: string;
  value: string;
}

export interface ErrorCopy {
  headline: string;
  /** The provider's or the system's own words, verbatim; `null` when there are none. */
  words: string | null;
  facts: ErrorFact[];
  actions: ErrorAction[];
  /** Fields to jump to, when there is more than one. */
  fields: { parameter: string; place: string; message: string }[];
  /** Amber: nothing is broken, something has to wait or be chosen. */
  tone: 'bad' | 'warn';
}

type Kind = AppError['kind'];
type Of<K extends Kind> = Extract<AppError, { kind: K }>;
type Words = Partial<ErrorCopy> & { headline: string };

/** `model` is the one that was asked, where a call failed and not the listing of models. */
export function errorCopy(error: AppError, model: string | null = null): ErrorCopy {
  const words = (TABLE[error.kind] as (error: AppError, model: string | null) => Words)(error, model);
  return { words: null, facts: [], actions: [], fields: [], tone: 'bad', ...words };
}

export function actionLabel(action: ErrorAction): string {
  switch (action.kind) {
    case 'goTo':
      return `Go to ${action.parameter}`;
    case 'goToVariable':
      return `Fill ${action.name}`;
    case 'runAgain':
      return 'Run again';
    case 'showSize':
      return 'Show size';
    case 'showCertificate':
      return 'Show certificate';
    default:
      return action.label;
  }
}

/** What stands in a lane's header: `422`, `200, then error`, `No host`. */
export function errorMark(error: AppError | null): string {
  if (!error) return 'Failed';
  if (error.kind === 'rejected')
    return error.category === 'inStream' || error.event !== null ? `${error.status}, then error` : String(error.status);
  return MARKS[error.kind];
}

const MARKS: Readonly<Record<Exclude<Kind, 'rejected'>, string>> = {
  invalid: 'Not sent',
  missingKey: 'No key',
  plainHttp: 'Not sent',
  keychain: 'No keychain',
  network: 'No connection',
  protocol: 'Unreadable',
  endedEarly: 'Ended early',
  template: 'Not sent',
  storage: 'Not stored',
  media: 'Unreadable',
  notFound: 'Not found',
  internal: 'Failed',
};

const again: ErrorAction = { kind: 'runAgain' };
const connection = (label: string, focus: 'baseUrl' | 'key' | 'network' | 'plainHttp'): ErrorAction => ({
  kind: 'openConnection',
  label,
  focus,
});

const TABLE: { readonly [K in Kind]: (error: Of<K>, model: string | null) => Words } = {
  invalid: (error) => ({
    headline: `${error.field} does not fit`,
    words: error.message,
    actions: [{ kind: 'goTo', parameter: error.field }],
  }),
  missingKey: (error) => ({
    headline: `No key for ${error.connection}`,
    words: error.message,
    facts: [{ name: 'Key', value: error.slot }],
    actions: [connection('Set the key', 'key')],
  }),
  plainHttp: (error) => ({
    headline: `The key was not sent over plain http`,
    words: null,
    facts: [
      { name: 'Host', value: error.host },
      { name: 'Why', value: 'Anyone on the way could read it' },
    ],
    actions: [connection('Open the connection', 'plainHttp')],
    tone: 'warn',
  }),
  keychain: (error) => ({
    headline: 'No keychain answers. The key stays in memory until Juxta closes',
    words: error.message,
    actions: [connection('Open the connection', 'key')],
    tone: 'warn',
  }),
  network: (error) => NETWORK[error.stage](error),
  rejected: (error, model) => rejected(error, model),
  protocol: (error) => ({
    headline: 'The answer could not be read',
    words: error.message,
    facts: [
      { name: 'At', value: `byte ${count(error.at)}` },
      { name: 'There', value: error.excerpt },
    ],
    actions: [{ kind: 'showBody', label: 'Show response body' }],
  }),
  endedEarly: (error) => ({
    headline: `The stream ended early, after ${count(error.events)} ${error.events === 1 ? 'event' : 'events'}`,
    words: error.message,
    actions: [again],
  }),
  template: (error) => ({
    headline: templateHeadline(error),
    words: [...error.names.map((name) => `{{${name}}}`), ...error.unfit.map(({ message }) => message)].join('\n'),
    actions: [...error.names, ...error.unfit.map(({ name }) => name)]
      .slice(0, 1)
      .map((name) => ({ kind: 'goToVariable', name })),
    tone: 'warn',
  }),
  storage: (error) => ({ headline: 'The run could not be stored', words: error.message, actions: [again] }),
  // A sentence of ours, which says all of it.
  media: (error) => ({ headline: error.message.replace(/\.$/, ''), actions: [again] }),
  notFound: (error) => ({ headline: `${error.what} is not there any more`, actions: [again] }),
  internal: (error) => ({
    headline: 'Juxta failed',
    words: error.message,
    facts: [{ name: 'Report', value: error.reportId }],
    actions: [again],
  }),
};

function templateHeadline({ names, unfit }: Of<'template'>): string {
  if (names.length === 1) return `${names[0]} has no value`;
  if (names.length > 1) return `${names.length} variables have no value`;
  return unfit.length === 1 && unfit[0] ? unfit[0].message : `${unfit.length} variables do not fit their kind`;
}

type NetworkError = Of<'network'>;

const elapsed = (error: NetworkError): ErrorFact[] => [{ name: 'After', value: duration(error.elapsedMs) }];
const address = (error: NetworkError): ErrorFact => ({ name: 'Address', value: `${error.host}:${error.port}` });

const NETWORK: { readonly [S in NetworkStage]: (error: NetworkError) => Words } = {
  dns: (error) => ({
    headline: `No host named ${error.host}`,
    words: error.message,
    facts: elapsed(error),
    actions: [connection('Edit base URL', 'baseUrl'), again],
  }),
  refused: (error) => ({
    headline: `${error.host} refused port ${error.port}`,
    words: error.message,
    facts: elapsed(error),
    actions: [again, connection('Edit base URL', 'baseUrl')],
  }),
  connect: (error) => ({
    headline: `${error.host} could not be reached`,
    words: error.message,
    facts: [address(error), ...elapsed(error)],
    actions: [again],
  }),
  tls: (error) => ({
    headline: `Certificate of ${error.host} is not trusted`,
    words: error.message,
    facts: [address(error), ...elapsed(error)],
    actions: [
      // A handshake may fail before any certificate came.
      ...(error.certificates.length > 0
        ? [{ kind: 'showCertificate' as const, certificates: error.certificates }]
        : []),
      connection('Set a certificate authority', 'network'),
    ],
  }),
  timeout: (error) => ({
    headline: `No answer in ${seconds(error.elapsedMs)}`,
    words: error.message,
    facts: [address(error)],
    actions: [again, connection('Change the timeout', 'network')],
  }),
  proxy: (error) => ({
    headline: 'The proxy did not let the call through',
    words: error.message,
    facts: [address(error), ...elapsed(error)],
    actions: [connection('Change the proxy', 'network'), again],
  }),
  send: (error) => ({
    headline: `The request did not reach ${error.host}`,
    words: error.message,
    facts: [address(error), ...elapsed(error)],
    actions: [again],
  }),
  reset: (error) => ({
    headline: `${error.host} broke the connection`,
    words: error.message,
    facts: [address(error), ...elapsed(error)],
    actions: [again],
  }),
};

function seconds(ms: number): string {
  return ms < 60_500 ? `${Math.round(ms / 1000)} s` : duration(ms);
}

type CategoryWords = (error: Rejection, model: string | null) => Words;

const CATEGORIES: { readonly [C in RejectionCategory]: CategoryWords } = {
  authentication: () => ({
    headline: 'The server does not accept this key',
    actions: [connection('Replace key', 'key')],
  }),
  permission: (_, model) => ({
    headline: `This key may not use ${model || 'this model or endpoint'}`,
    actions: [connection('Replace key', 'key')],
  }),
  notFound: (error, model) =>
    isUnknownModel(error)
      ? {
          headline: `The server has no model ${model || 'of this name'}`,
          actions: [{ kind: 'goTo', parameter: 'model' }],
        }
      : {
          headline: 'The host answers, this path does not exist',
          actions: [connection('Set another path', 'baseUrl'), { kind: 'goTo', parameter: 'model' }],
        },
  conflict: () => ({ headline: 'The server is in conflict with this request', actions: [again] }),
  tooLarge: () => ({
    headline: 'The request is too large for the server',
    actions: [{ kind: 'showSize' }],
  }),
  validation: (error) => validation(error),
  rateLimit: () => ({ headline: 'Too many requests', actions: [again], tone: 'warn' }),
  exhausted: () => ({ headline: 'The budget of this key is used up', actions: [connection('Replace key', 'key')] }),
  server: () => ({ headline: 'The server failed', actions: [again] }),
  inStream: (error) => ({
    headline: 'The server broke off the stream',
    actions: error.event === null ? [again] : [again, { kind: 'showBody', label: `Show event ${error.event}` }],
  }),
  other: (error) => ({ headline: `The server answered ${error.status}`, actions: [again] }),
};

/** `model_not_found` of OpenAI, `MODEL_NOT_FOUND` of ScaiGrid. */
function isUnknownModel(error: Rejection): boolean {
  return error.code?.toLowerCase() === 'model_not_found';
}

function rejected(error: Rejection, model: string | null): Words {
  const words = CATEGORIES[error.category](error, model);
  const facts: ErrorFact[] = [{ name: 'Status', value: status(error) }];
  const place = error.fields.length === 1 ? placeOf(error.fields[0]!) : null;
  if (place) facts.push({ name: 'At', value: place });
  if (error.code) facts.push({ name: 'Code', value: error.code });
  if (error.requestId) facts.push({ name: 'Request id', value: error.requestId });
  return { words: error.fields.length === 1 ? error.fields[0]!.message : error.message, facts, ...words };
}

function status(error: Rejection): string {
  const after = duration(error.elapsedMs);
  return error.event === null
    ? `${error.status} after ${after}`
    : `${error.status}, then event: error at event ${error.event}, ${after}`;
}

function validation(error: Rejection): Words {
  const jumps = error.fields.flatMap((field) => {
    const parameter = field.parameter;
    return parameter ? [{ parameter: target(field, parameter), place: placeOf(field), message: field.message }] : [];
  });
  if (error.fields.length > 1) {
    return { headline: `The server rejected ${error.fields.length} fields`, words: null, fields: jumps, actions: [] };
  }
  const only = jumps[0];
  if (!only)
    return { headline: 'The server rejected the request', actions: [{ kind: 'showRequest', label: 'Show request' }] };
  const name = error.fields[0]!.parameter!;
  return {
    headline: `The server rejected ${name}`,
    actions: [{ kind: 'goTo', parameter: name === 'messages' ? only.parameter : name }],
  };
}

/** Messages are found by their place, everything else by its name. */
function target(field: FieldError, parameter: string): string {
  if (parameter !== 'messages') return parameter;
  const path = field.path[0] === 'body' ? field.path.slice(1) : field.path;
  return path.map((step, index) => (/^\d+$/.test(step) ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** `body.temperature = 2.4`. */
function placeOf(field: FieldError): string {
  const path = field.path.join('.');
  if (field.input === null) return path;
  const input = field.input.length > 60 ? `${field.input.slice(0, 59)}…` : field.input;
  return `${path} = ${input}`;
}
