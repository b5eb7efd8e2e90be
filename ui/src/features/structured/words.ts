/** What is said of an answer against its schema: one entry for each state. */
import type { IconName } from '../../components/icons';
import type { Cell } from '../../bindings/Cell';
import type { SchemaCheck } from '../../bindings/SchemaCheck';
import type { SchemaState } from '../../bindings/SchemaState';
import type { Span } from '../../markdown/lit';
import { plural } from '../../lib/format';

interface Look {
  icon: IconName;
  tone: 'muted' | 'ok' | 'warn' | 'bad';
}

const LOOKS: Readonly<Record<SchemaState['kind'], Look>> = {
  growing: { icon: 'clock', tone: 'muted' },
  valid: { icon: 'circlecheck', tone: 'ok' },
  invalid: { icon: 'circlex', tone: 'bad' },
  cutOff: { icon: 'warn', tone: 'warn' },
  notJson: { icon: 'circlex', tone: 'bad' },
  unchecked: { icon: 'warn', tone: 'warn' },
};

export function lookOf({ state, faultCount }: SchemaCheck): Look {
  return state.kind === 'growing' && faultCount > 0 ? LOOKS.invalid : LOOKS[state.kind];
}

/** The whole in a few words, without an end mark. */
export function verdict(check: SchemaCheck): string {
  const { state, name, hasSchema, faultCount } = check;
  const faults = plural(faultCount, 'fault');
  switch (state.kind) {
    case 'growing':
      return faultCount > 0 ? `${faults} so far` : hasSchema ? `Checking against ${name}` : 'Checking the JSON';
    case 'valid':
      return hasSchema ? `Matches ${name}` : 'A valid JSON object';
    case 'invalid':
      return hasSchema ? `${faults} against ${name}` : faults;
    case 'cutOff': {
      const place = stopped(state);
      return faultCount > 0 ? `${place}, ${faults}` : place;
    }
    case 'notJson':
      return 'Not JSON';
    case 'unchecked':
      return 'Not checked';
  }
}

function stopped({ pointer, within }: SchemaState & { kind: 'cutOff' }): string {
  if (pointer !== '') return within === 'nothing' ? `Stopped before ${pointer}` : `Stopped inside ${pointer}`;
  return within === 'nothing' ? 'Stopped before the JSON began' : 'Stopped inside the JSON';
}

const KEYS: Partial<Record<Cell['endpoint'], string>> = { chat: 'response_format', responses: 'text' };

/** Whether the request that went out asked for JSON. Without the request at hand the engine has to say. */
export function asksForJson({ endpoint, request }: Cell): boolean {
  const key = KEYS[endpoint];
  if (!key) return false;
  if (!request) return true;
  const sent = request.keys.find(({ name }) => name === key)?.json ?? '';
  return sent.includes('json_schema') || sent.includes('json_object');
}

/** Of a long fault, such as an object that lacks a member, its beginning is enough to find it by. */
const LONGEST_LIT = 400;

export function litIn({ state, faults }: SchemaCheck): Span[] {
  const places = state.kind === 'notJson' ? [...faults, state] : faults;
  return places.map(({ start, end }) => ({ start, end: Math.min(end, start + LONGEST_LIT) }));
}
