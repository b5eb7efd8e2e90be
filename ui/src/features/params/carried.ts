import type { RequestView } from '../../bindings/RequestView';

interface CarriedKey {
  json: string;
  /** What the draft calls it, where that is something else. */
  from: string | null;
}

/** Keys of a request that the draft says to another endpoint, by the name they have here. */
export function carriedIn({ keys, carried }: RequestView): Map<string, CarriedKey> {
  const sent = keys.filter(({ name, json, origin }) => name !== 'model' && json !== '' && origin !== 'lane');
  return new Map(
    sent.map(({ name, json }) => {
      const from = carried.filter(({ to }) => to === name || to?.startsWith(`${name}.`)).map((one) => one.from);
      return [name, { json, from: from.length > 0 ? from.join(', ') : null }];
    }),
  );
}
