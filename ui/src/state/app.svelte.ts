// What the whole window knows, and the way to everything else.
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { Connection } from '../bindings/Connection';
import type { CurlImport } from '../bindings/CurlImport';
import type { ImportedDraft } from '../bindings/ImportedDraft';
import type { KeychainStatus } from '../bindings/KeychainStatus';
import type { ParameterTable } from '../bindings/ParameterTable';
import type { ProfileInfo } from '../bindings/ProfileInfo';
import type { RunSummary } from '../bindings/RunSummary';
import type { SandboxFaults } from '../bindings/SandboxFaults';
import type { SandboxInfo } from '../bindings/SandboxInfo';
import type { Settings } from '../bindings/Settings';
import { describeError } from '../lib/app-error';
import { freeName } from '../lib/free-name';
import type { Host } from '../platform/host';
import { Actions } from './actions.svelte';
import { ComparisonController } from './comparison.svelte';
import { newComparison, newLane } from './comparison/new';
import { Contacts } from './contacts.svelte';
import { DatasetController } from './dataset.svelte';
import { Documents, type DocumentPlace } from './documents';
import { HistoryController } from './history.svelte';
import { Inspector } from './inspector.svelte';
import { ImportController } from './imports.svelte';
import { Layout } from './layout.svelte';
import { isOfMedia, MediaDocument, type MediaEndpoint } from './media-document.svelte';
import { PromptsController } from './prompts.svelte';
import { restoreRun } from './restoring';
import { RunsController } from './runs.svelte';
import { sandboxComparison } from './sandbox-comparison';
import { Toasts } from './toasts.svelte';
import { ToolReplies } from './tool-replies.svelte';

export type Section =
  | 'start'
  | 'compare'
  | 'matrix'
  | 'embeddings'
  | 'images'
  | 'audio'
  | 'batches'
  | 'history'
  | 'connections'
  | 'settings';

const sectionOf: Record<MediaEndpoint, Section> = {
  embed: 'embeddings',
  image: 'images',
  transcribe: 'audio',
  synthesize: 'audio',
};

/** Which document names a section of media. */
const documentOf = { embeddings: 'embed', images: 'image', audio: 'transcribe' } as const;

const initialSettings: Settings = {
  theme: 'system',
  contrast: 'system',
  density: 'compact',
  zoom: 100,
  enterSends: false,
  shortcutsEnabled: true,
  shortcuts: [],
  layout: [],
  openComparison: null,
  started: false,
  renderer: 'automatic',
  codeWithSecrets: false,
  exportFolder: null,
  promptFolder: null,
  searches: [],
  notifyAtEnd: true,
};

/** Quiet time after the last change before settings are written, milliseconds. */
const saveSettingsAfter = 250;
const recentRuns = 200;

export class App {
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  /** What went wrong while loading. */
  problem: string | null = $state(null);

  version = $state('');
  settings: Settings = $state.raw(initialSettings);
  connections: Connection[] = $state.raw([]);
  profiles: ProfileInfo[] = $state.raw([]);
  tables: ParameterTable[] = $state.raw([]);
  keychain: KeychainStatus = $state.raw({ kind: 'missing', reason: '' });
  sandbox: SandboxInfo = $state.raw({
    address: '',
    faults: { scenario: null, tokensPerSecond: null, doneOnScale: false },
    connections: [],
    models: [],
    scenarios: [],
  });
  /** Rows of the runs, newest first. */
  recentRuns: RunSummary[] = $state.raw([]);
  /** Rows of all documents: those of Compare, and those of the sections of vectors, pictures and sounds. */
  allComparisons: ComparisonSummary[] = $state.raw([]);
  /** Rows of those that Compare shows. */
  readonly comparisons: ComparisonSummary[] = $derived(
    this.allComparisons.filter(({ endpoint }) => !isOfMedia(endpoint)),
  );
  dataFolder = $state('');

  section: Section = $state('start');
  /** Id of the connection on the connections page; null chooses the first. */
  selectedConnection: string | null = $state(null);
  /** What a press on `Edit base URL` or `Replace key` wants to have the focus there. */
  connectionFocus: string | null = $state(null);
  /** Which part of the settings to bring into view. */
  settingsPart: string | null = $state(null);
  overlay: 'palette' | 'shortcuts' | 'import' | 'versions' | null = $state(null);
  /** Text the palette opens with. */
  paletteText = $state('');
  /** What was not understood of the last import. */
  importNotes: string[] = $state.raw([]);
  /** The newest thing to be said aloud; `serial` lets the same words be said again. */
  announcement = $state.raw({ text: '', serial: 0 });

  readonly toasts = new Toasts();
  readonly dataset: DatasetController;
  readonly toolReplies: ToolReplies;
  readonly layout = new Layout(this);
  readonly comparison: ComparisonController;
  /** The list of Compare. */
  readonly documents: Documents;
  readonly runs: RunsController;
  readonly history: HistoryController;
  readonly media: Record<MediaEndpoint, MediaDocument>;
  readonly imports = new ImportController(this);
  readonly inspector: Inspector;
  readonly prompts = new PromptsController(this);
  readonly actions = new Actions({
    settings: () => this.settings,
    failed: (error) => this.report(error),
    refused: (reason) => this.toast(reason),
  });

  /** The seam to the app. */
  readonly host: Host;

  readonly #contacts = new Contacts();
  readonly #savers = new Set<() => Promise<void>>();
  #settingsTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: Host) {
    this.host = this.#contacts.listenTo(
      host,
      (connection) => this.connections.find(({ id }) => id === connection)?.baseUrl ?? '',
    );
    this.comparison = new ComparisonController(this.host, this);
    this.runs = new RunsController(this.host, this);
    this.documents = new Documents(this, this.#comparePlace());
    this.toolReplies = new ToolReplies(this);
    this.dataset = new DatasetController(this);
    this.inspector = new Inspector(this);
    this.history = new HistoryController(this.host, this);
    const media = (endpoint: MediaEndpoint) => new MediaDocument(this, endpoint);
    this.media = {
      embed: media('embed'),
      image: media('image'),
      transcribe: media('transcribe'),
      synthesize: media('synthesize'),
    };
    this.comparison.onSaved = (summary) => this.comparisonSaved(summary);
    this.comparison.onFocus = (kind) => {
      this.section = 'compare';
      if (kind === 'parameter') this.layout.paramsOpen = true;
    };
    this.runs.onRuns = (rows) => this.#runsChanged(rows);
    this.runs.onAnswer = (cell) => this.toolReplies.answered(cell);
    this.host.onClosing(() => this.flush());
  }

  /** Hosts other than this computer that were spoken to since the window opened. */
  get contactedHosts(): string[] {
    return this.#contacts.hosts;
  }

  /** Whether a connection has a key in the keychain. */
  readonly keepsKeys = $derived(
    this.connections.some(({ headers }) => headers.some(({ secret }) => secret?.source.kind === 'keychain')),
  );

  /** Models by connection, as far as listings were read. */
  get knownModels(): Contacts['models'] {
    return this.#contacts.models;
  }

  /** Reads everything that the window starts with. */
  async start(section?: Section): Promise<void> {
    try {
      const boot = await this.host.bootstrap();
      this.version = boot.version;
      this.settings = boot.settings;
      this.connections = boot.connections;
      this.profiles = boot.profiles;
      this.tables = boot.tables;
      this.keychain = boot.keychain;
      this.sandbox = boot.sandbox;
      this.recentRuns = boot.runs;
      this.allComparisons = boot.comparisons;
      this.dataFolder = boot.dataFolder;
      await this.runs.listen();
      if (boot.open) this.comparison.open(boot.open);
      this.section = section ?? (boot.open ? 'compare' : 'start');
      this.phase = 'ready';
      void this.history.readTotals();
      void this.prompts.sync();
      const last = boot.open && boot.runs.find((run) => run.comparison === boot.open?.id);
      if (last) await this.runs.showRun(last.id).catch((error: unknown) => this.report(error));
    } catch (error) {
      this.problem = describeError(error);
      this.phase = 'failed';
    }
  }

  /** The document of the section that is on screen. */
  get document(): ComparisonController | null {
    if (this.section === 'compare') return this.comparison;
    const endpoint = this.section in documentOf ? documentOf[this.section as keyof typeof documentOf] : null;
    return endpoint && this.media[endpoint].draft;
  }

  // ---- telling

  announce(text: string): void {
    this.announcement = { text, serial: this.announcement.serial + 1 };
  }

  toast(text: string, more: Parameters<Toasts['show']>[1] = {}): void {
    this.toasts.show(text, more);
  }

  /** Shows a failure that has no place of its own on screen. */
  report(error: unknown): void {
    this.toast(describeError(error), { tone: 'bad' });
  }

  // ---- where we are

  openSection(section: Section): void {
    this.section = section;
    if (!this.layout.docksList) this.layout.listOpen = false;
    if (section === 'compare' && !this.comparison.isOpen) this.newComparison();
  }

  openConnection(id: string | null, focus: string | null = null): void {
    this.selectedConnection = id;
    this.connectionFocus = focus;
    this.openSection('connections');
  }

  /** Opens the settings at one of their parts. */
  openSettings(part: string | null = null): void {
    this.settingsPart = part;
    this.openSection('settings');
  }

  /** Asks for a file or a text to import, with what is there already: a text that could not be read, and why. */
  openImport(unread: { text: string; problem: string } | null = null): void {
    this.imports.results = null;
    if (unread) [this.imports.text, this.imports.problem] = [unread.text, unread.problem];
    this.overlay = 'import';
  }

  openPalette(text = ''): void {
    this.paletteText = text;
    this.overlay = 'palette';
  }

  // ---- comparisons and runs

  async openComparison(id: string): Promise<void> {
    if (this.comparison.isOpen && this.comparison.comparison.id === id) {
      this.openSection('compare');
      return;
    }
    try {
      await this.comparison.flush();
      this.show(await this.host.openComparison(id));
      const last = this.recentRuns.find((run) => run.comparison === id);
      if (last) await this.runs.showRun(last.id);
    } catch (error) {
      this.report(error);
    }
  }

  #comparePlace(): DocumentPlace {
    const rows = () => this.comparisons;
    return {
      draft: this.comparison,
      get rows() {
        return rows();
      },
      open: (id) => this.openComparison(id),
      show: (comparison) => this.show(comparison),
      create: () => this.newComparison(),
    };
  }

  newComparison(): void {
    const own = this.comparison.isOpen ? this.comparison.current : null;
    const connection = own?.connection ?? this.connections[0]?.id ?? '';
    const dialect = this.connections.find(({ id }) => id === connection)?.dialect;
    const endpoint = own?.endpoint ?? 'chat';
    const table = this.tables.find((known) => known.dialect === dialect && known.endpoint === endpoint) ?? null;
    const made = newComparison(this.freeName('Untitled'), newLane(connection, own?.model ?? '', endpoint), table);
    this.show(made);
    this.comparison.touch();
  }

  /** Takes a document away for good. */
  async forgetComparison(id: string): Promise<void> {
    await this.host.deleteComparison(id);
    this.#forgetRow(id);
  }

  /**
   * Brings a past run back into the editor; `cell` is the call to look at, `lanes` are the numbers of those that are
   * wanted, where they are not all.
   */
  async openRun(id: string, cell: string | null = null, lanes: readonly number[] | null = null): Promise<void> {
    try {
      const row = this.recentRuns.find((run) => run.id === id);
      if (row && isOfMedia(row.endpoint)) return await this.#openMediaRun(row.comparison, id, row.endpoint);
      await restoreRun(this, id, cell, lanes);
    } catch (error) {
      this.report(error);
    }
  }

  async #openMediaRun(comparison: string, run: string, endpoint: MediaEndpoint): Promise<void> {
    this.openSection(sectionOf[endpoint]);
    const document = this.media[endpoint];
    if (document.rows.some(({ id }) => id === comparison)) await document.open(comparison);
    else await document.enter();
    await document.showRun(run);
  }

  /** Fetches older rows of runs; false when there are none. */
  async loadMoreRuns(): Promise<boolean> {
    const last = this.recentRuns.at(-1);
    const more = await this.host.listRuns(recentRuns, last?.id ?? null);
    const known = new Set(this.recentRuns.map(({ id }) => id));
    this.recentRuns = [...this.recentRuns, ...more.filter(({ id }) => !known.has(id))];
    return more.length > 0;
  }

  /** Builds three lanes on the sandbox and shows them; pressing Run streams. */
  trySandbox(): void {
    const made = sandboxComparison(this.sandbox, this.tables);
    if (!made) {
      this.toast('The sandbox did not start', { tone: 'bad' });
      return;
    }
    made.name = this.freeName(made.name);
    this.show(made);
    this.comparison.touch();
    this.announce('Three lanes in the sandbox are ready');
  }

  /** Opens what a curl command says. Throws what the host throws. */
  async importCurl(command: string): Promise<CurlImport> {
    const found = await this.host.importCurl(command);
    await this.openImported(found);
    this.importNotes = found.unknown;
    const keys = found.keysFound.length > 0 ? ', with its key' : '';
    this.announce(`Imported ${found.connection.name}${keys}`);
    return found;
  }

  /** Opens a request that came from outside, and saves its connection when that is new. */
  async openImported({ connection, isNewConnection, comparison }: ImportedDraft): Promise<void> {
    if (isNewConnection) {
      const saved = await this.host.saveConnection(connection);
      for (const lane of comparison.lanes) if (lane.connection === connection.id) lane.connection = saved.id;
      this.#connectionSaved(saved);
    } else {
      // A slot that had no key may have taken the one of the command.
      this.#connectionSaved(connection);
    }
    this.importNotes = [];
    this.show(comparison);
    const endpoint = comparison.lanes[0]?.endpoint ?? 'chat';
    (isOfMedia(endpoint) ? this.media[endpoint].draft : this.comparison).touch();
  }

  /** Takes rows that an import saved into the lists. */
  importedRows(comparisons: readonly ComparisonSummary[], runs: readonly RunSummary[]): void {
    for (const row of comparisons) this.comparisonSaved(row);
    if (runs.length > 0) this.#runsChanged(runs);
  }

  /** Opens a comparison without answers, in the section that it belongs to. */
  show(comparison: Comparison): void {
    const endpoint = comparison.lanes[0]?.endpoint ?? 'chat';
    if (isOfMedia(endpoint)) {
      this.openSection(sectionOf[endpoint]);
      this.media[endpoint].show(comparison);
      return;
    }
    this.comparison.open(comparison);
    this.runs.clear();
    this.section = 'compare';
    if (!this.layout.docksList) this.layout.listOpen = false;
    this.saveSettings({ openComparison: comparison.id, started: true });
  }

  /** The name, with a number when another comparison has it. */
  freeName(name: string): string {
    return freeName(
      name,
      this.allComparisons.map((row) => row.name),
    );
  }

  comparisonSaved(summary: ComparisonSummary): void {
    const rows = this.allComparisons;
    // A row keeps its place while it is edited: a list that jumps under the pointer is no list.
    this.allComparisons = rows.some(({ id }) => id === summary.id)
      ? rows.map((row) => (row.id === summary.id ? summary : row))
      : [summary, ...rows];
  }

  #forgetRow(id: string): void {
    this.allComparisons = this.allComparisons.filter((row) => row.id !== id);
  }

  #runsChanged(rows: readonly RunSummary[]): void {
    this.history.runsChanged(rows);
    const changed = new Map(rows.map((row) => [row.id, row]));
    const kept = this.recentRuns.map((row) => changed.get(row.id) ?? row);
    const known = new Set(kept.map(({ id }) => id));
    const added = rows.filter(({ id }) => !known.has(id));
    this.recentRuns = added.length === 0 ? kept : [...added, ...kept].sort((a, b) => b.startedAt - a.startedAt);
  }

  // ---- connections and keys

  async saveConnection(connection: Connection): Promise<Connection> {
    const before = this.connections.find(({ id }) => id === connection.id);
    const saved = await this.host.saveConnection(connection);
    this.#connectionSaved(saved);
    if (before) this.comparison.connectionChanged(before);
    return saved;
  }

  async deleteConnection(id: string): Promise<void> {
    await this.host.deleteConnection(id);
    this.connections = this.connections.filter((connection) => connection.id !== id);
    if (this.selectedConnection === id) this.selectedConnection = null;
  }

  async storeKey(connection: Connection, slot: string, key: string): Promise<Connection> {
    const changed = await this.host.storeKey(connection, slot, key);
    this.#keyChanged(changed);
    return changed;
  }

  async forgetKey(connection: Connection, slot: string): Promise<Connection> {
    const changed = await this.host.forgetKey(connection, slot);
    this.#keyChanged(changed);
    return changed;
  }

  /** A form that is not saved yet may hold a key too; only rows that are known follow. */
  #keyChanged(connection: Connection): void {
    if (this.connections.some(({ id }) => id === connection.id)) this.#connectionSaved(connection);
  }

  #connectionSaved(saved: Connection): void {
    const known = this.connections.some(({ id }) => id === saved.id);
    this.connections = known
      ? this.connections.map((connection) => (connection.id === saved.id ? saved : connection))
      : [...this.connections, saved];
  }

  /** Asks the keychain again. */
  async tryKeychain(): Promise<void> {
    try {
      this.keychain = await this.host.keychain();
      this.announce(this.keychain.kind === 'available' ? `${this.keychain.name} answers` : 'No keychain answers');
    } catch (error) {
      this.report(error);
    }
  }

  // ---- sandbox and settings

  async setSandboxFaults(faults: SandboxFaults): Promise<void> {
    try {
      this.sandbox = await this.host.setSandboxFaults(faults);
    } catch (error) {
      this.report(error);
    }
  }

  readonly sandboxFault = $derived.by(() => {
    const { scenario, tokensPerSecond, doneOnScale } = this.sandbox.faults;
    const parts = [
      scenario,
      tokensPerSecond === null ? null : `${tokensPerSecond} tok/s`,
      doneOnScale ? '[DONE] on /v5' : null,
    ];
    return parts.filter((part) => part !== null).join(', ') || null;
  });

  /** Prompts lie in another folder from now on; those that lie there already are taken in. */
  async choosePromptFolder(promptFolder: string | null): Promise<void> {
    this.saveSettings({ promptFolder });
    await this.flushSettings();
    await this.prompts.sync();
  }

  saveSettings(patch: Partial<Settings>): void {
    this.settings = { ...this.settings, ...patch };
    if (this.#settingsTimer) clearTimeout(this.#settingsTimer);
    this.#settingsTimer = setTimeout(() => void this.flushSettings(), saveSettingsAfter);
  }

  /** What a section saves a moment after it was typed is saved with the rest before the window goes. */
  savesWith(save: () => Promise<void>): void {
    this.#savers.add(save);
  }

  /** Writes everything that waits to be written. */
  async flush(): Promise<void> {
    const media = Object.values(this.media).map(({ draft }) => draft.flush());
    const others = [...this.#savers].map((save) => save());
    await Promise.all([this.comparison.flush(), ...media, ...others, this.history.flush(), this.flushSettings()]);
  }

  /** Writes settings that wait to be written. */
  async flushSettings(): Promise<void> {
    if (!this.#settingsTimer) return;
    clearTimeout(this.#settingsTimer);
    this.#settingsTimer = null;
    try {
      await this.host.saveSettings(this.settings);
    } catch (error) {
      this.report(error);
    }
  }
}
