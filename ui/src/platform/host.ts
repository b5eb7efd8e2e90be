// The one seam between the page and what runs it. `tauri.ts` is the app, `memory.ts` the double for component tests.
import type { Batch } from '../bindings/Batch';
import type { Bootstrap } from '../bindings/Bootstrap';
import type { CellSnapshot } from '../bindings/CellSnapshot';
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { Connection } from '../bindings/Connection';
import type { ConnectionTest } from '../bindings/ConnectionTest';
import type { CurlImport } from '../bindings/CurlImport';
import type { EndpointKind } from '../bindings/EndpointKind';
import type { ExchangeView } from '../bindings/ExchangeView';
import type { KeychainStatus } from '../bindings/KeychainStatus';
import type { ModelListing } from '../bindings/ModelListing';
import type { Preview } from '../bindings/Preview';
import type { PriceFile } from '../bindings/PriceFile';
import type { Run } from '../bindings/Run';
import type { RunSummary } from '../bindings/RunSummary';
import type { SandboxFaults } from '../bindings/SandboxFaults';
import type { SandboxInfo } from '../bindings/SandboxInfo';
import type { Settings } from '../bindings/Settings';

/** Every call rejects with an `AppError` (see bindings/AppError). */
export interface Host {
  bootstrap(): Promise<Bootstrap>;

  /** Batches of all live runs arrive here, in order, until the page is gone. */
  subscribe(onBatch: (batch: Batch) => void): Promise<void>;
  /** The newest batch number that the page has applied. */
  acknowledge(number: number): Promise<void>;

  /** Called once when the window is about to close, which waits a moment for the promise. */
  onClosing(save: () => Promise<void>): void;

  listComparisons(): Promise<ComparisonSummary[]>;
  openComparison(id: string): Promise<Comparison>;
  /** Saves the draft as it is typed; the caller debounces. */
  saveComparison(comparison: Comparison): Promise<ComparisonSummary>;
  deleteComparison(id: string): Promise<void>;

  /** Starts every unmuted lane, or only those named. Returns at once with the cells, queued. */
  startRun(comparison: Comparison, lanes: string[] | null): Promise<Run>;
  stopRun(run: string): Promise<void>;
  stopCell(cell: string): Promise<void>;
  /** Ends the countdown of a cell that waits for its next try. */
  retryNow(cell: string): Promise<void>;
  listRuns(limit: number, before: string | null): Promise<RunSummary[]>;
  openRun(id: string): Promise<Run>;
  openCell(id: string): Promise<CellSnapshot>;
  openExchange(cell: string): Promise<ExchangeView>;
  /** A report of a failed cell for a bug tracker, without keys. */
  errorReport(cell: string): Promise<string>;
  preview(comparison: Comparison, lane: string): Promise<Preview>;

  saveConnection(connection: Connection): Promise<Connection>;
  deleteConnection(id: string): Promise<void>;
  /** Calls the model listing with the connection as given, saved or not. */
  testConnection(connection: Connection): Promise<ConnectionTest>;
  listModels(connection: string, endpoint: EndpointKind): Promise<ModelListing>;
  /** Writes the key, reads it back, and returns the connection with its new key source. */
  storeKey(connection: Connection, slot: string, key: string): Promise<Connection>;
  forgetKey(connection: Connection, slot: string): Promise<Connection>;
  keychain(): Promise<KeychainStatus>;
  importCurl(command: string): Promise<CurlImport>;

  sandbox(): Promise<SandboxInfo>;
  setSandboxFaults(faults: SandboxFaults): Promise<SandboxInfo>;

  saveSettings(settings: Settings): Promise<void>;
  openPrices(): Promise<PriceFile>;
  savePrices(text: string): Promise<PriceFile>;
}
