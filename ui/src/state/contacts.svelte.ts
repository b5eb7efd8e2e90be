// Which hosts were spoken to since the window opened. The app itself calls nobody; everything goes through `Host`.
import type { Batch } from '../bindings/Batch';
import type { ModelInfo } from '../bindings/ModelInfo';
import type { Host } from '../platform/host';

export class Contacts {
  /** Host names other than this computer, sorted. */
  hosts: string[] = $state.raw([]);
  /** What each connection listed when it was last asked, so that the palette can find models without asking again. */
  models: Readonly<Record<string, readonly ModelInfo[]>> = $state.raw({});

  note(url: string): void {
    const name = URL.canParse(url) ? new URL(url).hostname : '';
    if (name === '' || isLoopback(name) || this.hosts.includes(name)) return;
    this.hosts = [...this.hosts, name].sort();
  }

  noteBatch(batch: Batch): void {
    for (const { cellHead } of batch.updates) if (cellHead?.request) this.note(cellHead.request.url);
  }

  /** The same host, with an ear at the calls that go out. `addressOf` tells the base URL of a saved connection. */
  listenTo(host: Host, addressOf: (connection: string) => string): Host {
    const taps: Partial<Host> = {
      subscribe: (onBatch) =>
        host.subscribe((batch) => {
          this.noteBatch(batch);
          onBatch(batch);
        }),
      testConnection: (connection) => {
        this.note(connection.baseUrl);
        return host.testConnection(connection);
      },
      listModels: async (connection, endpoint) => {
        this.note(addressOf(connection));
        const listing = await host.listModels(connection, endpoint);
        this.models = { ...this.models, [connection]: listing.models };
        return listing;
      },
    };
    return new Proxy(host, {
      get(target, name) {
        const tap = Reflect.get(taps, name) as unknown;
        if (tap) return tap;
        const member = Reflect.get(target, name) as unknown;
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }
}

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
}
