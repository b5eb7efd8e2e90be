// Batches that a provider has and that were made elsewhere. A provider is asked only when the person says so.
import type { ProviderBatch } from '../../bindings/ProviderBatch';
import type { Connection } from '../../bindings/Connection';
import { describeError } from '../../lib/app-error';
import { plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import type { BatchesView } from './batches-view.svelte';

interface Listing {
  batches: ProviderBatch[];
  cursor: string | null;
  isReading: boolean;
  problem: string | null;
}

const NOTHING: Listing = { batches: [], cursor: null, isReading: false, problem: null };

/** Whether the server behind a connection takes batches. */
export function takesBatches({ dialect }: Connection): boolean {
  return dialect !== 'scaleV5';
}

export class ForeignBatches {
  /** By connection, for those that were asked. */
  listings: Readonly<Record<string, Listing>> = $state.raw({});

  constructor(
    private readonly app: App,
    private readonly view: BatchesView,
  ) {}

  get connections(): Connection[] {
    return this.app.connections.filter(takesBatches);
  }

  /** Those that are not in the list. */
  unknown(connection: string): ProviderBatch[] {
    const known = new Set(this.view.all.map(({ providerId }) => providerId));
    return (this.listings[connection]?.batches ?? []).filter((one) => one.known === null && !known.has(one.providerId));
  }

  readonly count: number = $derived.by(() =>
    Object.keys(this.listings).reduce((sum, connection) => sum + this.unknown(connection).length, 0),
  );

  get isReading(): boolean {
    return Object.values(this.listings).some(({ isReading }) => isReading);
  }

  /** Everything that it has was listed. */
  isWhole(connection: string): boolean {
    const listing = this.listings[connection];
    return listing !== undefined && listing.cursor === null && listing.problem === null && !listing.isReading;
  }

  async load(connection: string): Promise<void> {
    const before = this.listings[connection] ?? NOTHING;
    if (before.isReading) return;
    const cursor = this.isWhole(connection) ? null : before.cursor;
    const known = cursor === null ? [] : before.batches;
    this.#put(connection, { ...before, isReading: true, problem: null });
    try {
      const page = await this.app.host.providerBatches(connection, null, cursor);
      const batches = [...known, ...page.batches];
      this.#put(connection, { batches, cursor: page.cursor, isReading: false, problem: null });
      const found = this.unknown(connection).length;
      const name = this.view.connectionName(connection);
      this.app.announce(
        found === 0 ? `${name} has no other batches` : `${plural(found, 'batch', 'batches')} of ${name} made elsewhere`,
      );
    } catch (error) {
      this.#put(connection, { ...before, isReading: false, problem: describeError(error) });
    }
  }

  #put(connection: string, listing: Listing): void {
    this.listings = { ...this.listings, [connection]: listing };
  }

  async adopt(connection: string, { providerId }: ProviderBatch): Promise<void> {
    try {
      const job = await this.app.host.adoptBatch(connection, providerId);
      this.view.take(job);
      this.view.select(job.id);
      this.view.half = 'pane';
      this.app.announce(`${job.name} is in the list`);
    } catch (error) {
      this.app.report(error);
    }
  }
}
