// The host without an app behind it: for component tests, and for the page in a plain browser. It keeps everything in
// memory and plays scripts instead of calling servers.
import type { Batch } from '../bindings/Batch';
import type { Bootstrap } from '../bindings/Bootstrap';
import type { Cell } from '../bindings/Cell';
import type { CellUpdate } from '../bindings/CellUpdate';
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { Connection } from '../bindings/Connection';
import type { EndpointKind } from '../bindings/EndpointKind';
import type { KeychainStatus } from '../bindings/KeychainStatus';
import type { ParameterTable } from '../bindings/ParameterTable';
import type { Run } from '../bindings/Run';
import type { RunSummary } from '../bindings/RunSummary';
import type { SandboxInfo } from '../bindings/SandboxInfo';
import type { Settings } from '../bindings/Settings';
import { newId } from '../lib/ids';
import type { Host } from './host';
import { batchesHost } from './memory/batches';
import { bodyHost } from './memory/body';
import { addressOf, connectionsHost } from './memory/connections';
import * as data from './memory/data';
import { MemoryDatasets } from './memory/datasets';
import { dialogueHost } from './memory/dialogues';
import { factsOf } from './memory/facts';
import { historyHost, type HistoryHost } from './memory/history';
import { inspectHost } from './memory/inspect';
import { matricesHost } from './memory/matrices';
import { mediaHost } from './memory/media';
import type { MemoryOptions } from './memory/options';
import { picturesHost } from './memory/pictures';
import { recorderHost } from './memory/recorder';
import { recordingsHost } from './memory/recordings';
import { sliced, slicesOf, vectorsHost } from './memory/vectors';
import { promptsHost } from './memory/prompts';
import { repeatsHost } from './memory/repeats';
import { replayHost } from './memory/replay';
import { effectiveParameters } from '../state/comparison/parameters';
import { emptyCell, played, requestOf, script, updateOf, grown, type Step } from './memory/run';
import tables from './memory/tables.json';
import { testRowsHost } from './memory/test-rows';
import { toolTurn, withTools } from './memory/tools';
import { schemaHost } from './memory/schema';
import { transferHost } from './memory/transfer';

export { optionsFrom, type MemoryOptions } from './memory/options';

const copy = <T>(value: T): T => structuredClone(value);
const notFound = (what: string) => ({ kind: 'notFound' as const, what });

/** Puts each lane where its endpoint is spoken. */
function calling(comparison: Comparison, endpoints: readonly EndpointKind[]): Comparison {
  for (const [index, endpoint] of endpoints.entries()) {
    const lane = comparison.lanes[index];
    if (!lane || endpoint === 'chat') continue;
    lane.endpoint = endpoint;
    lane.connection = endpoint === 'generate' ? 'scaigrid-eu' : 'scale-prod';
    lane.overrides = [];
  }
  return comparison;
}

interface Playing {
  timers: Set<ReturnType<typeof setTimeout>>;
  cell: Cell;
  sequence: number;
}

export class MemoryHost implements Host {
  connections: Connection[] = copy(data.connections);
  comparisons = new Map<string, Comparison>();
  comparisonRows: ComparisonSummary[];
  runs = new Map<string, Run>();
  runRows: RunSummary[];
  readonly deletedRuns = new Set<string>();
  settings: Settings;
  sandboxInfo: SandboxInfo = copy(data.sandbox);
  keychainStatus: KeychainStatus;
  priceText = '# model, input and output in dollars per million tokens\n';
  /** Text of the last curl command that was imported. */
  imported: string | null = null;
  indexing: number;
  /** What the page wants to do before it goes. */
  close: () => Promise<void> = async () => {};
  #onBatch: ((batch: Batch) => void) | null = null;
  #batch = 0;
  #playing = new Map<string, Playing>();
  /** Number of the last update of each call. */
  #sequences = new Map<string, number>();
  readonly #body = bodyHost(this);
  readonly #inspect = inspectHost(this);
  readonly #replay = replayHost(this);
  readonly #dialogues = dialogueHost(this);
  readonly #schema = schemaHost(this);
  readonly #repeats = repeatsHost(this);
  readonly #connections = connectionsHost(this);
  readonly #datasets = new MemoryDatasets();
  readonly #testRows = testRowsHost(this, this.#datasets);
  readonly #history: HistoryHost;
  readonly #transfer = transferHost(this);
  readonly #media = mediaHost((cell) => this.#playing.has(cell));
  readonly #vectors = vectorsHost(this);
  readonly #recorder: ReturnType<typeof recorderHost>;
  readonly #pictures = picturesHost(this);
  readonly #recordings: ReturnType<typeof recordingsHost>;
  readonly prompts = promptsHost(this);
  readonly queue: ReturnType<typeof batchesHost>;
  readonly tables: ReturnType<typeof matricesHost>;

  syncPrompts: Host['syncPrompts'] = () => this.prompts.syncPrompts();
  settlePrompt: Host['settlePrompt'] = (...given) => this.prompts.settlePrompt(...given);
  nameVersion: Host['nameVersion'] = (...given) => this.prompts.nameVersion(...given);
  promptVersions: Host['promptVersions'] = (...given) => this.prompts.promptVersions(...given);
  promptVersion: Host['promptVersion'] = (...given) => this.prompts.promptVersion(...given);

  laneParameters: Host['laneParameters'] = (...given) => this.#body.laneParameters(...given);
  laneBody: Host['laneBody'] = (...given) => this.#body.laneBody(...given);
  applyBody: Host['applyBody'] = (...given) => this.#body.applyBody(...given);

  documentInfo: Host['documentInfo'] = (...given) => this.#inspect.documentInfo(...given);
  documentRows: Host['documentRows'] = (...given) => this.#inspect.documentRows(...given);
  documentBytes: Host['documentBytes'] = (...given) => this.#inspect.documentBytes(...given);
  events: Host['events'] = (...given) => this.#inspect.events(...given);
  eventTimes: Host['eventTimes'] = (...given) => this.#inspect.eventTimes(...given);
  findEvents: Host['findEvents'] = (...given) => this.#inspect.findEvents(...given);
  readEvents: Host['readEvents'] = (...given) => this.#inspect.readEvents(...given);
  eventOfText: Host['eventOfText'] = (...given) => this.#inspect.eventOfText(...given);
  itemString: Host['itemString'] = (...given) => this.#inspect.itemString(...given);
  schemaCheck: Host['schemaCheck'] = (...given) => this.#schema.schemaCheck(...given);
  checkCell: Host['checkCell'] = (...given) => this.#repeats.checkCell(...given);
  repeats: Host['repeats'] = (...given) => this.#repeats.repeats(...given);
  sameRuns: Host['sameRuns'] = (...given) => this.#repeats.sameRuns(...given);
  countJudges: Host['countJudges'] = (...given) => this.#repeats.countJudges(...given);
  askJudges: Host['askJudges'] = (...given) => this.#repeats.askJudges(...given);
  stopJudges: Host['stopJudges'] = (...given) => this.#repeats.stopJudges(...given);
  fileFacts: Host['fileFacts'] = (...given) => this.#media.fileFacts(...given);
  smallerPicture: Host['smallerPicture'] = (...given) => this.#media.smallerPicture(...given);
  answeredPictures: Host['answeredPictures'] = (...given) => this.#pictures.answeredPictures(...given);
  pictureBytes: Host['pictureBytes'] = (...given) => this.#pictures.pictureBytes(...given);
  pictureThumbnail: Host['pictureThumbnail'] = (...given) => this.#pictures.pictureThumbnail(...given);
  convertPicture: Host['convertPicture'] = (...given) => this.#pictures.convertPicture(...given);
  pictureDifference: Host['pictureDifference'] = (...given) => this.#pictures.pictureDifference(...given);
  pictureSheet: Host['pictureSheet'] = (...given) => this.#pictures.pictureSheet(...given);
  pictureTexts: Host['pictureTexts'] = (...given) => this.#pictures.pictureTexts(...given);
  withPictureTexts: Host['withPictureTexts'] = (...given) => this.#pictures.withPictureTexts(...given);
  soundFacts: Host['soundFacts'] = (...given) => this.#media.soundFacts(...given);
  saveSound: Host['saveSound'] = (...given) => this.#media.saveSound(...given);
  playSound: Host['playSound'] = (...given) => this.#media.playSound(...given);
  playSounds: Host['playSounds'] = (...given) => this.#media.playSounds(...given);
  soundPicture: Host['soundPicture'] = (...given) => this.#media.soundPicture(...given);
  listInputs: Host['listInputs'] = () => this.#recorder.listInputs();
  startRecording: Host['startRecording'] = (...given) => this.#recorder.startRecording(...given);
  pauseRecording: Host['pauseRecording'] = () => this.#recorder.pauseRecording();
  resumeRecording: Host['resumeRecording'] = () => this.#recorder.resumeRecording();
  stopRecording: Host['stopRecording'] = async (...given) => {
    const recording = await this.#recorder.stopRecording(...given);
    if (recording) this.#recordings.keep(recording);
    return recording;
  };
  listRecordings: Host['listRecordings'] = () => this.#recordings.listRecordings();
  importRecording: Host['importRecording'] = (...given) => this.#recordings.importRecording(...given);
  renameRecording: Host['renameRecording'] = (...given) => this.#recordings.renameRecording(...given);
  deleteRecording: Host['deleteRecording'] = (...given) => this.#recordings.deleteRecording(...given);
  keepSound: Host['keepSound'] = (...given) => this.#recordings.keepSound(...given);
  transcript: Host['transcript'] = (...given) => this.#recordings.transcript(...given);
  compareWords: Host['compareWords'] = (...given) => this.#recordings.compareWords(...given);
  controlSound: Host['controlSound'] = (...given) => this.#media.controlSound(...given);
  vectorFacts: Host['vectorFacts'] = (...given) => this.#vectors.vectorFacts(...given);
  vectorNorms: Host['vectorNorms'] = (...given) => this.#vectors.vectorNorms(...given);
  vectorPairs: Host['vectorPairs'] = (...given) => this.#vectors.vectorPairs(...given);
  vectorSquare: Host['vectorSquare'] = (...given) => this.#vectors.vectorSquare(...given);
  vectorNeighbours: Host['vectorNeighbours'] = (...given) => this.#vectors.vectorNeighbours(...given);
  vectorMap: Host['vectorMap'] = (...given) => this.#vectors.vectorMap(...given);
  vectorMapProgress: Host['vectorMapProgress'] = (...given) => this.#vectors.vectorMapProgress(...given);
  stopVectorMap: Host['stopVectorMap'] = (...given) => this.#vectors.stopVectorMap(...given);
  vectorAgreement: Host['vectorAgreement'] = (...given) => this.#vectors.vectorAgreement(...given);
  exportVectors: Host['exportVectors'] = (...given) => this.#vectors.exportVectors(...given);
  tokens: Host['tokens'] = (...given) => this.#inspect.tokens(...given);
  alternatives: Host['alternatives'] = (...given) => this.#inspect.alternatives(...given);
  laneHistory: Host['laneHistory'] = (...given) => this.#inspect.laneHistory(...given);
  code: Host['code'] = (...given) => this.#inspect.code(...given);

  answerCalls: Host['answerCalls'] = (...given) => this.#dialogues.answerCalls(...given);
  suggestResults: Host['suggestResults'] = (...given) => this.#dialogues.suggestResults(...given);
  dialogueMessages: Host['dialogueMessages'] = (...given) => this.#dialogues.dialogueMessages(...given);

  startReplay: Host['startReplay'] = (...given) => this.#replay.startReplay(...given);
  controlReplay: Host['controlReplay'] = (...given) => this.#replay.controlReplay(...given);
  serveReplay: Host['serveReplay'] = (...given) => this.#replay.serveReplay(...given);

  search: Host['search'] = (...given) => this.#history.search(...given);
  searchFacets: Host['searchFacets'] = (...given) => this.#history.searchFacets(...given);
  searchHelp: Host['searchHelp'] = (...given) => this.#history.searchHelp(...given);
  starRun: Host['starRun'] = (...given) => this.#history.starRun(...given);
  noteRun: Host['noteRun'] = (...given) => this.#history.noteRun(...given);
  deleteRuns: Host['deleteRuns'] = (...given) => this.#history.deleteRuns(...given);
  undeleteRuns: Host['undeleteRuns'] = (...given) => this.#history.undeleteRuns(...given);
  totals: Host['totals'] = (...given) => this.#history.totals(...given);

  saveConnection: Host['saveConnection'] = (...given) => this.#connections.saveConnection(...given);
  deleteConnection: Host['deleteConnection'] = (...given) => this.#connections.deleteConnection(...given);
  testConnection: Host['testConnection'] = (...given) => this.#connections.testConnection(...given);
  listModels: Host['listModels'] = (...given) => this.#connections.listModels(...given);
  storeKey: Host['storeKey'] = (...given) => this.#connections.storeKey(...given);
  forgetKey: Host['forgetKey'] = (...given) => this.#connections.forgetKey(...given);
  keychain: Host['keychain'] = (...given) => this.#connections.keychain(...given);
  importCurl: Host['importCurl'] = (...given) => this.#connections.importCurl(...given);
  openPrices: Host['openPrices'] = (...given) => this.#connections.openPrices(...given);
  savePrices: Host['savePrices'] = (...given) => this.#connections.savePrices(...given);

  batches: Host['batches'] = () => this.queue.batches();
  makeBatch: Host['makeBatch'] = (...given) => this.queue.makeBatch(...given);
  batchCheck: Host['batchCheck'] = (...given) => this.queue.batchCheck(...given);
  mendBatchLine: Host['mendBatchLine'] = (...given) => this.queue.mendBatchLine(...given);
  leaveOutFaults: Host['leaveOutFaults'] = (...given) => this.queue.leaveOutFaults(...given);
  planBatch: Host['planBatch'] = (...given) => this.queue.planBatch(...given);
  tryBatch: Host['tryBatch'] = (...given) => this.queue.tryBatch(...given);
  batchTrial: Host['batchTrial'] = (...given) => this.queue.batchTrial(...given);
  sendBatch: Host['sendBatch'] = (...given) => this.queue.sendBatch(...given);
  sendBatchAgain: Host['sendBatchAgain'] = (...given) => this.queue.sendBatchAgain(...given);
  cancelBatch: Host['cancelBatch'] = (...given) => this.queue.cancelBatch(...given);
  askBatchNow: Host['askBatchNow'] = (...given) => this.queue.askBatchNow(...given);
  dropBatch: Host['dropBatch'] = (...given) => this.queue.dropBatch(...given);
  batchRows: Host['batchRows'] = (...given) => this.queue.batchRows(...given);
  batchLines: Host['batchLines'] = (...given) => this.queue.batchLines(...given);
  batchRow: Host['batchRow'] = (...given) => this.queue.batchRow(...given);
  saveBatch: Host['saveBatch'] = (...given) => this.queue.saveBatch(...given);
  providerBatches: Host['providerBatches'] = (...given) => this.queue.providerBatches(...given);
  adoptBatch: Host['adoptBatch'] = (...given) => this.queue.adoptBatch(...given);
  watchBatches: Host['watchBatches'] = (...given) => this.queue.watchBatches(...given);

  matrices: Host['matrices'] = () => this.tables.matrices();
  matrix: Host['matrix'] = (...given) => this.tables.matrix(...given);
  saveMatrix: Host['saveMatrix'] = (...given) => this.tables.saveMatrix(...given);
  countMatrix: Host['countMatrix'] = (...given) => this.tables.countMatrix(...given);
  startMatrix: Host['startMatrix'] = (...given) => this.tables.startMatrix(...given);
  pauseMatrix: Host['pauseMatrix'] = (...given) => this.tables.pauseMatrix(...given);
  retryMatrixFailures: Host['retryMatrixFailures'] = (...given) => this.tables.retryMatrixFailures(...given);
  dropMatrix: Host['dropMatrix'] = (...given) => this.tables.dropMatrix(...given);
  matrixCells: Host['matrixCells'] = (...given) => this.tables.matrixCells(...given);
  matrixFigures: Host['matrixFigures'] = (...given) => this.tables.matrixFigures(...given);
  matrixChanges: Host['matrixChanges'] = (...given) => this.tables.matrixChanges(...given);
  saveMatrixResults: Host['saveMatrixResults'] = (...given) => this.tables.saveMatrixResults(...given);
  writeMatrixFile: Host['writeMatrixFile'] = (...given) => this.tables.writeMatrixFile(...given);
  readMatrixFile: Host['readMatrixFile'] = (...given) => this.tables.readMatrixFile(...given);
  watchMatrices: Host['watchMatrices'] = (...given) => this.tables.watchMatrices(...given);

  exportRuns: Host['exportRuns'] = (...given) => this.#transfer.exportRuns(...given);
  saveText: Host['saveText'] = (...given) => this.#transfer.saveText(...given);
  savePicture: Host['savePicture'] = (...given) => this.#transfer.savePicture(...given);
  importData: Host['importData'] = (...given) => this.#transfer.importData(...given);

  constructor(private readonly options: MemoryOptions = {}) {
    const first = options.firstStart ?? false;
    this.indexing = options.indexing ?? 0;
    this.#recorder = recorderHost(options.microphone);
    this.#recordings = recordingsHost(this, options.recordings);
    this.queue = batchesHost(this, options);
    this.tables = matricesHost(this, this.#datasets, options);
    const now = Date.now();
    this.#history = historyHost(this, options.runs);
    this.settings = {
      ...copy(data.settings),
      ...(first ? { openComparison: null, started: false } : {}),
      ...options.settings,
    };
    this.keychainStatus = options.keychain ?? { kind: 'available', name: 'GNOME Keyring' };
    this.comparisonRows = first ? [] : data.summaries(now);
    this.runRows = first ? [] : data.pastRuns(now);
    for (let row = this.comparisonRows.length; row < (options.rows ?? 0); row += 1) {
      this.comparisonRows.push({
        id: `row-${row}`,
        name: `Comparison ${row}`,
        updatedAt: now - row * 60_000,
        lanes: 2,
        endpoint: 'chat',
      });
    }
    if (first) this.connections = this.connections.filter(({ profile }) => profile === 'sandbox');
    else {
      const open = calling(copy(data.refundReply), options.endpoints ?? []);
      this.comparisons.set(open.id, options.dialogue === undefined ? open : withTools(open, options.dialogue));
    }
  }

  /** What was written by exports, newest last. */
  get files(): readonly { path: string; text: string }[] {
    return this.#transfer.files;
  }

  async bootstrap(): Promise<Bootstrap> {
    const open = this.settings.openComparison;
    return {
      version: '0.1.0',
      settings: copy(this.settings),
      connections: copy(this.connections),
      profiles: copy(data.profiles),
      tables: copy(tables) as ParameterTable[],
      keychain: this.keychainStatus,
      comparisons: copy(this.comparisonRows),
      open: open && this.comparisons.has(open) ? copy(this.comparisons.get(open) ?? null) : null,
      runs: copy(this.runRows),
      sandbox: copy(this.sandboxInfo),
      dataFolder: '~/.local/share/juxta',
    };
  }

  async subscribe(onBatch: (batch: Batch) => void): Promise<void> {
    this.#onBatch = onBatch;
  }
  async acknowledge(): Promise<void> {}
  onClosing(save: () => Promise<void>): void {
    this.close = save;
  }

  async listComparisons(): Promise<ComparisonSummary[]> {
    return copy(this.comparisonRows);
  }
  async openComparison(id: string): Promise<Comparison> {
    const known = this.comparisons.get(id);
    if (known) return copy(known);
    const row = this.comparisonRows.find((summary) => summary.id === id);
    if (!row) throw notFound('comparison');
    const made: Comparison = { ...copy(data.refundReply), id, name: row.name };
    made.lanes = made.lanes.slice(0, row.lanes).map((lane) => ({ ...lane, id: newId() }));
    this.comparisons.set(id, copy(made));
    return made;
  }
  async saveComparison(comparison: Comparison): Promise<ComparisonSummary> {
    this.comparisons.set(comparison.id, copy(comparison));
    const { id, name, lanes } = comparison;
    const endpoint = lanes[0]?.endpoint ?? 'chat';
    const row: ComparisonSummary = { id, name, updatedAt: Date.now(), lanes: lanes.length, endpoint };
    this.comparisonRows = [row, ...this.comparisonRows.filter(({ id }) => id !== comparison.id)];
    return copy(row);
  }
  async deleteComparison(id: string): Promise<void> {
    this.comparisons.delete(id);
    this.comparisonRows = this.comparisonRows.filter((row) => row.id !== id);
  }

  async startRun(draft: Comparison, lanes: string[] | null): Promise<Run> {
    const comparison = this.#datasets.fill(draft);
    const run = newId();
    const snapshot = copy(comparison);
    const startedAt = Date.now();
    const cells: Cell[] = [];
    for (const [index, lane] of snapshot.lanes.entries()) {
      if (lanes ? !lanes.includes(lane.id) : lane.muted) continue;
      for (let repeat = 0; repeat < snapshot.repeats; repeat += 1) {
        for (const slice of slicesOf(snapshot, lane)) {
          const cell = emptyCell(newId(), run, snapshot, index, repeat, this.#connection(lane.connection));
          cells.push({ ...cell, slice });
        }
      }
    }
    const summary: RunSummary = {
      id: run,
      comparison: snapshot.id,
      name: snapshot.name,
      startedAt,
      lanes: new Set(cells.map(({ lane }) => lane)).size,
      endpoint: snapshot.lanes[0]?.endpoint ?? 'chat',
      cells: cells.length,
      finished: 0,
      unfinished: 0,
      live: true,
      starred: false,
      note: '',
    };
    this.runs.set(run, { summary, snapshot, cells });
    this.runRows = [summary, ...this.runRows];
    for (const cell of cells) this.#play(cell, this.#script(cell, snapshot, startedAt));
    return copy({ summary, snapshot, cells });
  }
  async stopRun(run: string): Promise<void> {
    for (const [id, playing] of this.#playing) if (playing.cell.run === run) this.#stop(id);
    for (const { id } of this.runs.get(run)?.cells ?? []) this.#dialogues.stop(id);
  }
  async stopCell(cell: string): Promise<void> {
    this.#stop(cell);
    this.#dialogues.stop(cell);
  }
  async retryNow(): Promise<void> {}
  async listRuns(limit: number, before: string | null): Promise<RunSummary[]> {
    const from = before ? this.runRows.findIndex(({ id }) => id === before) + 1 : 0;
    return copy(this.runRows.slice(from, from + limit));
  }
  async openRun(id: string): Promise<Run> {
    const known = this.runs.get(id);
    if (known) return copy(known);
    const made = this.#history.madeRun(id);
    if (made) return made;
    const row = this.tables.run(id);
    if (row) {
      this.runs.set(id, copy(row));
      return row;
    }
    const summary = this.runRows.find((row) => row.id === id);
    if (!summary) throw notFound('run');
    const snapshot = await this.openComparison(summary.comparison);
    const cells = snapshot.lanes.map((lane, index) => {
      const cell = emptyCell(`${id}-${index}`, id, snapshot, index, 0, this.#connection(lane.connection));
      return played(this.#script(cell, snapshot, summary.startedAt));
    });
    this.runs.set(id, copy({ summary, snapshot, cells }));
    return { summary: copy(summary), snapshot, cells };
  }
  async openCell(id: string) {
    for (const run of this.runs.values()) {
      const cell = run.cells.find((known) => known.id === id);
      if (cell) return { cell: copy(cell), sequence: this.#sequences.get(id) ?? 0 };
    }
    // A run of the sample has no cells before it is opened; theirs are named after it.
    const { cells } = await this.openRun(id.replace(/-\d+$/, ''));
    const cell = cells.find((known) => known.id === id);
    if (!cell) throw notFound('cell');
    return { cell, sequence: 0 };
  }
  async openExchange(cell: string) {
    const { cell: found } = await this.openCell(cell);
    if (!found.request) throw notFound('exchange');
    const body = found.outcome.choices.map(({ text }) => text).join('\n');
    return {
      request: found.request,
      head: found.head,
      body,
      bodyBytes: body.length,
      bodyShownBytes: body.length,
      events: found.outcome.events,
      facts: factsOf(found.head),
    };
  }
  async errorReport(cell: string, changed: string[], withContent: boolean): Promise<string> {
    const { cell: found } = await this.openCell(cell);
    const content = withContent ? (found.request?.body ?? '') : '';
    const about = `Juxta 0.1.0\n${found.model} at ${found.connectionName}\n${JSON.stringify(found.error, null, 2)}`;
    return [about, ...changed, content].join('\n');
  }
  testRow: Host['testRow'] = (...given) => this.#testRows.testRow(...given);
  addTestRow: Host['addTestRow'] = (...given) => this.#testRows.addTestRow(...given);
  takeBackTestRow: Host['takeBackTestRow'] = (...given) => this.#testRows.takeBackTestRow(...given);
  openDataset: Host['openDataset'] = async (path) => this.#datasets.open(path);
  datasetRows: Host['datasetRows'] = async (path, from, count) => this.#datasets.rows(path, from, count);
  datasetRow: Host['datasetRow'] = async (path, row) => this.#datasets.row(path, row);
  datasetColumn: Host['datasetColumn'] = async (path, column, count) => this.#datasets.column(path, column, count);
  findDatasetRows: Host['findDatasetRows'] = async (path, text) => this.#datasets.find(path, text);
  fillRow: Host['fillRow'] = async (comparison) => this.#datasets.fill(comparison);
  async preview(draft: Comparison, lane: string) {
    const comparison = this.#datasets.fill(draft);
    const found = comparison.lanes.find(({ id }) => id === lane);
    if (!found) throw notFound('lane');
    const connection = this.#connection(found.connection);
    return { kind: 'ready' as const, request: requestOf(comparison, found, connection, addressOf(this, connection)) };
  }

  async sandbox(): Promise<SandboxInfo> {
    return copy(this.sandboxInfo);
  }
  async setSandboxFaults(faults: SandboxInfo['faults']): Promise<SandboxInfo> {
    this.sandboxInfo = { ...this.sandboxInfo, faults: copy(faults) };
    return copy(this.sandboxInfo);
  }

  async saveSettings(settings: Settings): Promise<void> {
    this.settings = copy(settings);
  }
  #connection(id: string): Connection {
    const found = this.connections.find((connection) => connection.id === id) ?? this.connections[0];
    if (!found) throw notFound('connection');
    return found;
  }
  #script(cell: Cell, snapshot: Comparison, startedAt: number): Step[] {
    const lane = snapshot.lanes[cell.laneIndex];
    if (!lane) throw notFound('lane');
    const connection = this.#connection(lane.connection);
    const request = requestOf(sliced(snapshot, cell), lane, connection, addressOf(this, connection));
    const { scenario } = this.sandboxInfo.faults;
    const fault = connection.profile === 'sandbox' ? scenario : (this.options.fault ?? null);
    const of = this.runs.get(cell.run)?.cells ?? [];
    const earlier = of.filter((one) => one.lane === cell.lane && one.repeat === cell.repeat && one.step < cell.step);
    const turn = toolTurn(snapshot, lane, earlier);
    return script(cell, request, effectiveParameters(snapshot, lane), startedAt, fault, turn);
  }
  /** The next call of a dialogue; those that it takes the place of leave the run. */
  playStep(run: Run, cell: Cell): void {
    const stays = (one: Cell) => one.lane !== cell.lane || one.repeat !== cell.repeat || one.step < cell.step;
    run.cells = [...run.cells.filter(stays), cell];
    run.summary = { ...run.summary, cells: run.cells.length, live: true };
    this.#play(cell, this.#script(cell, run.snapshot, Date.now()));
  }
  /** Says something else about a call that is over. */
  change(cell: Cell): void {
    const run = this.runs.get(cell.run);
    if (run) run.cells = run.cells.map((known) => (known.id === cell.id ? cell : known));
    const sequence = (this.#sequences.get(cell.id) ?? 0) + 1;
    this.#sequences.set(cell.id, sequence);
    const outcome = { ...cell.outcome, choices: cell.outcome.choices.map((one) => ({ ...one, text: '' })) };
    this.send([{ cell: cell.id, run: cell.run, sequence, cellHead: copy({ ...cell, outcome, arrivals: [] }) }]);
  }
  #play(cell: Cell, steps: Step[]): void {
    const playing: Playing = { timers: new Set(), cell, sequence: 0 };
    this.#playing.set(cell.id, playing);
    for (const step of steps) {
      const timer = setTimeout(() => {
        playing.timers.delete(timer);
        this.#tell(playing, step);
      }, step.at);
      playing.timers.add(timer);
    }
  }
  #tell(playing: Playing, step: Step): void {
    const { arrivals, outcome } = playing.cell;
    if (step.head) playing.cell = { ...step.head, arrivals };
    // Only the last head of a script tells the answer; until then it is what was appended.
    const isWhole = step.head && (step.head.outcome.choices.length > 0 || step.head.outcome.media);
    if (!isWhole) playing.cell.outcome = grown(outcome, step);
    playing.cell.arrivals = [...playing.cell.arrivals, ...(step.arrivals ?? [])];
    playing.sequence += 1;
    const run = this.runs.get(playing.cell.run);
    if (run) run.cells = run.cells.map((known) => (known.id === playing.cell.id ? playing.cell : known));
    const ended = ['finished', 'failed', 'stopped'].includes(playing.cell.state.kind);
    if (ended) this.#playing.delete(playing.cell.id);
    this.#sequences.set(playing.cell.id, playing.sequence);
    this.send([updateOf(playing.cell, playing.sequence, step)], ended && run ? this.#count(run) : undefined);
    if (ended && run) this.#dialogues.ended(playing.cell);
  }
  #count(run: Run): RunSummary[] {
    const done = run.cells.filter(({ state }) => state.kind === 'finished').length;
    const broken = run.cells.filter(({ state }) => ['failed', 'stopped'].includes(state.kind)).length;
    run.summary = { ...run.summary, finished: done, unfinished: broken, live: done + broken < run.cells.length };
    this.runRows = this.runRows.map((row) => (row.id === run.summary.id ? run.summary : row));
    return [copy(run.summary)];
  }
  #stop(id: string): void {
    const playing = this.#playing.get(id);
    if (!playing) return;
    for (const timer of playing.timers) clearTimeout(timer);
    playing.timers.clear();
    this.#tell(playing, { at: 0, head: { ...playing.cell, state: { kind: 'stopped' } } });
  }
  send(updates: CellUpdate[], runs?: RunSummary[]): void {
    this.#batch += 1;
    this.#onBatch?.({ number: this.#batch, updates, runs });
  }
}
