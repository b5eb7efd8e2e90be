// What is typed on the connections page and not saved yet. It outlives the page, so that nothing is lost by looking
// elsewhere. A key is never part of it: the key goes to the app at once, and only its last four characters come back.
import type { Connection } from '../../bindings/Connection';
import type { ConnectionTest } from '../../bindings/ConnectionTest';
import type { KeySource } from '../../bindings/KeySource';
import type { ProfileInfo } from '../../bindings/ProfileInfo';
import { newId } from '../../lib/ids';
import type { App } from '../../state/app.svelte';
import { originOf, recognise } from './address';

export interface TestRecord {
  /** `null` while it runs. */
  result: ConnectionTest | null;
  /** Address, dialect and headers as they were tested. */
  of: string;
}

/** What the answer of a test depends on. */
export function fingerprint({ baseUrl, dialect, headers, network }: Connection): string {
  return JSON.stringify([baseUrl, dialect, headers, network]);
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export class ConnectionDrafts {
  #drafts: Record<string, Connection> = $state({});
  #tests: Record<string, TestRecord> = $state.raw({});

  constructor(private readonly app: App) {}

  saved(id: string): Connection | null {
    return this.app.connections.find((connection) => connection.id === id) ?? null;
  }

  /** The row as it is typed, else as it is saved. */
  shown(id: string): Connection | null {
    return this.#drafts[id] ?? this.saved(id);
  }

  isDraft(id: string): boolean {
    return this.#drafts[id] !== undefined;
  }

  isNew(id: string): boolean {
    return this.isDraft(id) && this.saved(id) === null;
  }

  /** All rows of the list: saved ones, then those never saved. */
  get rows(): Connection[] {
    const fresh = Object.values(this.#drafts).filter(({ id }) => this.saved(id) === null);
    return [...this.app.connections.map((connection) => this.#drafts[connection.id] ?? connection), ...fresh];
  }

  change(id: string, edit: (connection: Connection) => void): void {
    const before = this.shown(id);
    if (!before || before.profile === 'sandbox') return;
    const changed = plain(before);
    edit(changed);
    this.#keep(changed);
  }

  #keep(connection: Connection): void {
    const saved = this.saved(connection.id);
    // Typed back to what is saved is not a draft any more.
    if (saved && JSON.stringify(plain(saved)) === JSON.stringify(connection)) this.discard(connection.id);
    else this.#drafts[connection.id] = connection;
  }

  /** Sets the address; a host that a profile knows brings its dialect and, unless they were touched, its headers. */
  setBaseUrl(id: string, baseUrl: string): void {
    this.change(id, (connection) => {
      connection.baseUrl = baseUrl;
      // An agreement to plain http was given for another host.
      if (originOf(baseUrl) !== originOf(this.shown(id)?.baseUrl ?? '')) connection.plainHttpAgreed = false;
      const profile = recognise(baseUrl, this.app.profiles);
      if (profile && profile.id !== connection.profile) this.#become(connection, profile);
    });
  }

  setDialect(id: string, dialect: Connection['dialect']): void {
    this.change(id, (connection) => {
      connection.dialect = dialect;
      const profile = this.app.profiles.find((known) => known.id !== 'sandbox' && known.dialects[0] === dialect);
      if (profile && !this.#profile(connection)?.dialects.includes(dialect)) this.#become(connection, profile);
    });
  }

  #profile(connection: Connection): ProfileInfo | undefined {
    return this.app.profiles.find((profile) => profile.id === connection.profile);
  }

  #become(connection: Connection, profile: ProfileInfo): void {
    const untouched = sameRecipe(connection, this.#profile(connection));
    connection.profile = profile.id;
    connection.dialect = profile.dialects[0] ?? connection.dialect;
    if (untouched) this.#takeRecipe(connection, profile);
  }

  /** Replaces the header rows by those of a profile. Keys that are there stay with their slot. */
  useRecipe(id: string, profile: ProfileInfo): void {
    this.change(id, (connection) => this.#takeRecipe(connection, profile));
  }

  #takeRecipe(connection: Connection, profile: ProfileInfo): void {
    const sources = new Map<string, KeySource>();
    for (const { secret } of connection.headers) if (secret) sources.set(secret.slot, secret.source);
    connection.headers = plain(profile.headers);
    for (const { secret } of connection.headers) if (secret) secret.source = sources.get(secret.slot) ?? secret.source;
  }

  add(): string {
    const profile = this.app.profiles.find((known) => known.id === 'openAiCompatible') ?? this.app.profiles[0];
    const id = newId();
    this.#drafts[id] = {
      id,
      name: '',
      profile: profile?.id ?? 'openAiCompatible',
      dialect: profile?.dialects[0] ?? 'openAi',
      baseUrl: '',
      headers: plain(profile?.headers ?? []),
      network: plain(STANDARD_NETWORK),
      plainHttpAgreed: false,
    };
    return id;
  }

  /** A copy without keys: a key belongs to the connection it was given for. */
  duplicate(id: string): string | null {
    const source = this.shown(id);
    if (!source) return null;
    const copy = plain(source);
    copy.id = newId();
    copy.name = `${source.name} copy`;
    for (const { secret } of copy.headers) {
      if (secret && secret.source.kind !== 'environment') secret.source = { kind: 'absent' };
    }
    if (copy.profile === 'sandbox') {
      copy.profile = 'openAiCompatible';
      copy.headers = [];
    }
    this.#drafts[copy.id] = copy;
    return copy.id;
  }

  discard(id: string): void {
    delete this.#drafts[id];
  }

  /** Saves a row; throws what the app throws. */
  async save(id: string): Promise<Connection | null> {
    const draft = this.#drafts[id];
    if (!draft) return null;
    const sent = JSON.stringify(draft);
    const saved = await this.app.saveConnection(plain(draft));
    // What was typed while it was being saved stays a draft.
    if (JSON.stringify(this.#drafts[id]) === sent) this.discard(id);
    return saved;
  }

  async remove(id: string): Promise<void> {
    this.discard(id);
    if (this.saved(id)) await this.app.deleteConnection(id);
    const { [id]: _gone, ...rest } = this.#tests;
    this.#tests = rest;
  }

  // ---- keys

  async storeKey(id: string, slot: string, key: string): Promise<void> {
    const shown = this.shown(id);
    if (shown) this.#tookKey(id, slot, await this.app.host.storeKey(plain(shown), slot, key));
  }

  async forgetKey(id: string, slot: string): Promise<void> {
    const shown = this.shown(id);
    if (shown) this.#tookKey(id, slot, await this.app.host.forgetKey(plain(shown), slot));
  }

  /** Where a key is counts at once, also while other edits wait to be saved. */
  #tookKey(id: string, slot: string, answered: Connection): void {
    const source = sourceOf(answered, slot);
    const saved = this.saved(id);
    const draft = this.#drafts[id];
    if (!source) return;
    // A key is bound to an origin: the saved row has it only while the address typed is still there.
    if (saved && originOf(saved.baseUrl) === originOf(answered.baseUrl)) {
      const changed = withSource(saved, slot, source);
      this.app.connections = this.app.connections.map((connection) => (connection.id === id ? changed : connection));
    }
    if (draft) this.#keep(withSource(draft, slot, source));
  }

  // ---- tests

  test(id: string): TestRecord | null {
    return this.#tests[id] ?? null;
  }

  /** The row was changed after it was tested. */
  isStale(id: string): boolean {
    const record = this.test(id);
    const shown = this.shown(id);
    return record !== null && shown !== null && record.of !== fingerprint(shown);
  }

  async runTest(id: string): Promise<ConnectionTest | null> {
    const shown = this.shown(id);
    if (!shown) return null;
    const connection = plain(shown);
    const of = fingerprint(connection);
    this.#tests = { ...this.#tests, [id]: { result: null, of } };
    try {
      const result = await this.app.host.testConnection(connection);
      this.#tests = { ...this.#tests, [id]: { result, of } };
      return result;
    } catch (error) {
      const { [id]: _gone, ...rest } = this.#tests;
      this.#tests = rest;
      throw error;
    }
  }
}

function withSource(connection: Connection, slot: string, source: KeySource): Connection {
  const changed = plain(connection);
  for (const { secret } of changed.headers) if (secret?.slot === slot) secret.source = source;
  return changed;
}

function sourceOf(connection: Connection, slot: string): KeySource | null {
  return connection.headers.find(({ secret }) => secret?.slot === slot)?.secret?.source ?? null;
}

/** The header rows are those of the profile, whatever stands in them. */
export function sameRecipe(connection: Connection, profile: ProfileInfo | undefined): boolean {
  const names = (headers: Connection['headers']): string => headers.map(({ name }) => name.toLowerCase()).join('\n');
  return profile !== undefined && names(connection.headers) === names(profile.headers);
}

const STANDARD_NETWORK: Connection['network'] = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 120_000,
  proxy: { kind: 'system' },
  caFile: null,
  maxRetries: 1,
  maxConcurrent: 12,
};

const byApp = new WeakMap<App, ConnectionDrafts>();

/** One set of drafts for each app, so that leaving the page keeps them. */
export function connectionDrafts(app: App): ConnectionDrafts {
  const known = byApp.get(app);
  if (known) return known;
  const made = new ConnectionDrafts(app);
  byApp.set(app, made);
  return made;
}
