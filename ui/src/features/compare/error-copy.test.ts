import { describe, expect, it } from 'vitest';
import type { AppError } from '../../bindings/AppError';
import type { NetworkStage } from '../../bindings/NetworkStage';
import type { RejectionCategory } from '../../bindings/RejectionCategory';
import { actionLabel, errorCopy, errorMark } from './error-copy';

const network = (stage: NetworkStage): AppError =>
  ({
    kind: 'network',
    stage,
    host: 'api.test',
    port: 443,
    message: 'the cause',
    elapsedMs: 60_000,
    certificates: [],
  }) as AppError;
const rejected = (category: RejectionCategory, more: object = {}): AppError => ({
  kind: 'rejected',
  status: 422,
  category,
  code: null,
  message: 'their words',
  retryAfter: null,
  requestId: 'req_1',
  fields: [],
  event: null,
  contentType: null,
  elapsedMs: 186,
  retryable: false,
  ...more,
});
const stages: Record<NetworkStage, true> = {
  dns: true,
  refused: true,
  connect: true,
  tls: true,
  timeout: true,
  proxy: true,
  send: true,
  reset: true,
};
const categories: Record<RejectionCategory, true> = {
  authentication: true,
  permission: true,
  notFound: true,
  conflict: true,
  tooLarge: true,
  validation: true,
  rateLimit: true,
  exhausted: true,
  server: true,
  inStream: true,
  other: true,
};
const others: { [K in Exclude<AppError['kind'], 'network' | 'rejected'>]: Extract<AppError, { kind: K }> } = {
  invalid: { kind: 'invalid', field: 'stop', message: 'm' },
  missingKey: { kind: 'missingKey', connection: 'Scale prod', slot: 'key', message: 'm' },
  plainHttp: { kind: 'plainHttp', host: 'a.test' },
  keychain: { kind: 'keychain', message: 'm' },
  protocol: { kind: 'protocol', at: 12, message: 'm', excerpt: 'x' },
  endedEarly: { kind: 'endedEarly', events: 14, message: 'm' },
  template: { kind: 'template', names: ['weeks'], unfit: [] },
  storage: { kind: 'storage', message: 'm' },
  media: { kind: 'media', message: 'No device for sound could be opened: none.' },
  notFound: { kind: 'notFound', what: 'run' },
  internal: { kind: 'internal', reportId: 'r1', message: 'm' },
};
const all: AppError[] = [
  ...(Object.keys(stages) as NetworkStage[]).map(network),
  ...(Object.keys(categories) as RejectionCategory[]).map((category) => rejected(category)),
  ...Object.values(others),
];

describe('errorCopy', () => {
  it.each(all.map((error) => [JSON.stringify(error), error] as const))('has words and a way on for %s', (_, error) => {
    const copy = errorCopy(error);
    expect(copy.headline.length).toBeGreaterThan(3);
    expect(copy.headline).not.toMatch(/undefined|null|NaN|sorry|please|oops|!/i);
    expect(copy.actions.length).toBeGreaterThan(0);
    for (const action of copy.actions) expect(actionLabel(action)).toMatch(/^[A-Z]/);
    expect(errorMark(error)).not.toBe('');
  });

  const said: [AppError, string, string][] = [
    [network('dns'), 'No host named api.test', 'Edit base URL'],
    [network('refused'), 'api.test refused port 443', 'Run again'],
    [network('timeout'), 'No answer in 60 s', 'Run again'],
    [network('tls'), 'Certificate of api.test is not trusted', 'Set a certificate authority'],
    [rejected('authentication', { status: 401 }), 'The server does not accept this key', 'Replace key'],
    [rejected('notFound', { status: 404 }), 'The host answers, this path does not exist', 'Set another path'],
    [rejected('tooLarge', { status: 413 }), 'The request is too large for the server', 'Show size'],
    [rejected('server', { status: 500 }), 'The server failed', 'Run again'],
    [rejected('inStream', { status: 200, event: 14 }), 'The server broke off the stream', 'Run again'],
    [others.endedEarly, 'The stream ended early, after 14 events', 'Run again'],
  ];
  it.each(said)('says what the design says: %j', (error, headline, action) => {
    const copy = errorCopy(error);
    expect([copy.headline, actionLabel(copy.actions[0]!)]).toEqual([headline, action]);
  });

  const field = (name: string, path: string[]) => ({
    path: ['body', ...path],
    message: `${name} is wrong`,
    parameter: name,
    input: '2.4',
  });

  it('names the parameter that a 422 names, with its place and value', () => {
    const copy = errorCopy(rejected('validation', { fields: [field('temperature', ['temperature'])] }));
    expect(copy.headline).toBe('The server rejected temperature');
    expect(copy.words).toBe('temperature is wrong');
    expect(copy.facts).toEqual([
      { name: 'Status', value: '422 after 186 ms' },
      { name: 'At', value: 'body.temperature = 2.4' },
      { name: 'Request id', value: 'req_1' },
    ]);
    expect(copy.actions.map(actionLabel)).toEqual(['Go to temperature']);
  });

  it('tells an unknown model from an unknown path, by the code', () => {
    for (const code of ['model_not_found', 'MODEL_NOT_FOUND']) {
      const copy = errorCopy(rejected('notFound', { status: 404, code }), 'gpt-9');
      expect([copy.headline, ...copy.actions.map(actionLabel)]).toEqual([
        'The server has no model gpt-9',
        'Go to model',
      ]);
    }
  });

  it('lists several fields with a jump to each', () => {
    const copy = errorCopy(
      rejected('validation', {
        fields: [field('temperature', ['temperature']), field('messages', ['messages', '2', 'content'])],
      }),
    );
    expect(copy.headline).toBe('The server rejected 2 fields');
    expect(copy.fields.map(({ parameter }) => parameter)).toEqual(['temperature', 'messages[2].content']);
  });

  it('offers the event that broke a stream', () => {
    const copy = errorCopy(rejected('inStream', { status: 200, event: 14 }));
    expect(copy.actions.map(actionLabel)).toEqual(['Run again', 'Show event 14']);
    expect(errorMark(rejected('inStream', { status: 200, event: 14 }))).toBe('200, then error');
  });
});
