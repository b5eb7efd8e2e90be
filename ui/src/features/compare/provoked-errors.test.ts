// The words and the first action for failures that real servers provoked: tests/whole/errors.rs keeps them in the file.
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../bindings/AppError';
import { actionLabel, errorCopy } from './error-copy';
import kept from './provoked-errors.json';

interface Provoked {
  case: string;
  calls: string[];
  error: AppError;
}

/** Headline, and what the main button says. */
const SAID: Record<string, (error: AppError) => [string | RegExp, string[] | RegExp]> = {
  dns: () => ['No host named no-such-host.invalid', ['Edit base URL', 'Run again']],
  refused: () => ['127.0.0.1 refused port 4711', ['Run again', 'Edit base URL']],
  timeout: () => ['No answer in 60 s', ['Run again', 'Change the timeout']],
  tls: () => ['Certificate of localhost is not trusted', ['Show certificate', 'Set a certificate authority']],
  authentication: () => ['The server does not accept this key', ['Replace key']],
  permission: () => ['This key may not use sandbox/steady', ['Replace key']],
  notFound: () => ['The host answers, this path does not exist', ['Set another path', 'Go to model']],
  tooLarge: () => ['The request is too large for the server', ['Show size']],
  validation: (error) => {
    const name = error.kind === 'rejected' ? (error.fields[0]?.parameter ?? '') : '';
    return [`The server rejected ${name}`, [`Go to ${name}`]];
  },
  validationOfSeveral: (error) => {
    const fields = error.kind === 'rejected' ? error.fields : [];
    return fields.length === 1
      ? [`The server rejected ${fields[0]?.parameter}`, [`Go to ${fields[0]?.parameter}`]]
      : ['The server rejected 2 fields', []];
  },
  rateLimit: () => ['Too many requests', ['Run again']],
  rateLimitWaiting: () => ['Too many requests', ['Run again']],
  exhausted: () => ['The budget of this key is used up', ['Replace key']],
  server: () => ['The server failed', ['Run again']],
  inStream: (error) => [
    'The server broke off the stream',
    ['Run again', `Show event ${error.kind === 'rejected' ? error.event : ''}`],
  ],
  cut: () => [/^The stream ended early, after \d+ events$/, ['Run again']],
};

const provoked = kept as Provoked[];

describe('errorCopy of failures that happened', () => {
  it('has each case of the design, on every text endpoint', () => {
    expect([...new Set(provoked.map((one) => one.case))].sort()).toEqual(Object.keys(SAID).sort());
    const calls = (name: string) => new Set(provoked.flatMap((one) => (one.case === name ? one.calls : [])));
    const all = calls('dns');
    const streamed = [...all].filter((call) => call.endsWith('streamed')).sort();
    expect(all.size).toBeGreaterThan(16);
    for (const name of Object.keys(SAID)) {
      const expected = name === 'inStream' || name === 'cut' ? streamed : [...all].sort();
      expect([...calls(name)].sort(), name).toEqual(expected);
    }
  });

  it.each(provoked.map((one) => [`${one.case}: ${one.calls.join('; ')}`, one] as const))('%s', (_, one) => {
    const copy = errorCopy(one.error, 'sandbox/steady');
    const [headline, actions] = SAID[one.case]!(one.error);
    if (typeof headline === 'string') expect(copy.headline).toBe(headline);
    else expect(copy.headline).toMatch(headline);
    expect(copy.actions.map(actionLabel)).toEqual(actions);
    // Their words stand in the box, or at each field.
    if (copy.fields.length === 0) expect(copy.words).toBeTruthy();
    for (const field of copy.fields) expect(field.message).toBeTruthy();
    const { error } = one;
    if (error.kind === 'rejected' && error.requestId)
      expect(copy.facts).toContainEqual({ name: 'Request id', value: error.requestId });
  });
});
