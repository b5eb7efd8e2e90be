// Connections, their keys, and what else is set up, without a server or a keychain.
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import type { KeychainStatus } from '../../bindings/KeychainStatus';
import type { KeySource } from '../../bindings/KeySource';
import type { SandboxInfo } from '../../bindings/SandboxInfo';
import { newId } from '../../lib/ids';
import type { Host } from '../host';
import * as data from './data';

interface Kept {
  connections: Connection[];
  keychainStatus: KeychainStatus;
  priceText: string;
  imported: string | null;
  readonly sandboxInfo: SandboxInfo;
}

type ConnectionCalls =
  | 'saveConnection'
  | 'deleteConnection'
  | 'testConnection'
  | 'listModels'
  | 'storeKey'
  | 'forgetKey'
  | 'keychain'
  | 'importCurl'
  | 'openPrices'
  | 'savePrices';

const copy = <T>(value: T): T => structuredClone(value);

/** Where a connection's server is. */
export function addressOf({ sandboxInfo }: Pick<Kept, 'sandboxInfo'>, connection: Connection): string {
  return connection.profile === 'sandbox' ? sandboxInfo.address : connection.baseUrl;
}

function withKey(connection: Connection, slot: string, source: KeySource): Connection {
  const changed = copy(connection);
  for (const header of changed.headers) if (header.secret?.slot === slot) header.secret.source = source;
  return changed;
}

export function connectionsHost(memory: Kept): Pick<Host, ConnectionCalls> {
  return {
    async saveConnection(connection: Connection): Promise<Connection> {
      const saved = { ...copy(connection), id: connection.id || newId() };
      const at = memory.connections.findIndex(({ id }) => id === saved.id);
      if (at < 0) memory.connections.push(saved);
      else memory.connections[at] = saved;
      return copy(saved);
    },
    async deleteConnection(id: string): Promise<void> {
      memory.connections = memory.connections.filter((connection) => connection.id !== id);
    },
    async testConnection(connection: Connection) {
      const url = `${addressOf(memory, connection).replace(/\/$/, '')}/models`;
      const phases = {
        dns: null,
        connect: { start: 0, end: 1 },
        tls: null,
        send: { start: 1, end: 1 },
        wait: { start: 1, end: 12 },
        receive: { start: 12, end: 14 },
        reusedConnection: false,
      };
      const models = data.modelsOf(connection.id).length;
      return {
        method: 'GET',
        url,
        requestHeaders: [],
        status: 200,
        elapsedMs: 14,
        phases,
        models,
        error: null,
        note: null,
      };
    },
    async listModels(connection: string) {
      return { models: data.modelsOf(connection), note: null };
    },
    async storeKey(connection: Connection, slot: string, key: string): Promise<Connection> {
      const lastFour = key.slice(-4);
      return withKey(
        connection,
        slot,
        memory.keychainStatus.kind === 'available' ? { kind: 'keychain', lastFour } : { kind: 'memory', lastFour },
      );
    },
    async forgetKey(connection: Connection, slot: string): Promise<Connection> {
      return withKey(connection, slot, { kind: 'absent' });
    },
    async keychain(): Promise<KeychainStatus> {
      return memory.keychainStatus;
    },
    async importCurl(command: string) {
      memory.imported = command;
      const url = /https?:\/\/[^\s'"]+/.exec(command)?.[0];
      if (!url) throw { kind: 'invalid' as const, field: 'command', message: 'This text holds no address.' };
      const connection: Connection = {
        ...copy(data.connections[2] as Connection),
        id: newId(),
        name: new URL(url).host,
        baseUrl: new URL(url).origin,
      };
      const comparison: Comparison = { ...copy(data.refundReply), id: newId(), name: 'From curl' };
      comparison.lanes = comparison.lanes
        .slice(0, 1)
        .map((lane) => ({ ...lane, id: newId(), connection: connection.id }));
      const unknown = command.includes('--compressed') ? ['--compressed'] : [];
      return {
        connection,
        isNewConnection: true,
        comparison,
        keysFound: /authorization/i.test(command) ? ['key'] : [],
        unknown,
      };
    },

    async openPrices() {
      return { path: '~/.config/juxta/prices.toml', text: memory.priceText, problem: null, models: 2 };
    },
    async savePrices(text: string) {
      const problem = text.includes('oops') ? 'line 2: expected a number' : null;
      if (!problem) memory.priceText = text;
      return { path: '~/.config/juxta/prices.toml', text, problem, models: 2 };
    },
  };
}
