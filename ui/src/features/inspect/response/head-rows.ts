import type { ExchangeView } from '../../../bindings/ExchangeView';
import type { HeadFactKind } from '../../../bindings/HeadFactKind';
import type { HeaderView } from '../../../bindings/HeaderView';

export const factNames: Record<HeadFactKind, string> = {
  requestId: 'Request id',
  model: 'Model',
  backend: 'Backend',
  rateLimit: 'Rate limit',
  serverTime: 'Time at the server',
};

export interface HeadRow {
  name: string;
  value: string;
  /** What it tells, when that is known. */
  tells: string | null;
}

/** Everything a head says, what tells who answered first; each header once. */
export function headRows({ facts, head }: Pick<ExchangeView, 'facts' | 'head'>): HeadRow[] {
  const left: HeaderView[] = [...(head?.headers ?? [])];
  const told = facts.map(({ kind, header, value }): HeadRow => {
    const at = left.findIndex(
      (one) => header !== '' && one.name.toLowerCase() === header.toLowerCase() && one.value === value,
    );
    if (at >= 0) left.splice(at, 1);
    return { name: header === '' ? 'in the body' : header, value, tells: factNames[kind] };
  });
  return [...told, ...left.map(({ name, value }): HeadRow => ({ name, value, tells: null }))];
}
