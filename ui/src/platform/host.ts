// The one seam between the page and what runs it. `tauri.ts` is the app, `memory.ts` the double for component tests.
import type { AddedRow } from '../bindings/AddedRow';
import type { Alternative } from '../bindings/Alternative';
import type { AnsweredPicture } from '../bindings/AnsweredPicture';
import type { Batch } from '../bindings/Batch';
import type { BatchCheck } from '../bindings/BatchCheck';
import type { BatchJob } from '../bindings/BatchJob';
import type { BatchMend } from '../bindings/BatchMend';
import type { BatchNews } from '../bindings/BatchNews';
import type { BatchPlan } from '../bindings/BatchPlan';
import type { BatchRowDetail } from '../bindings/BatchRowDetail';
import type { BatchLines } from '../bindings/BatchLines';
import type { BatchRows } from '../bindings/BatchRows';
import type { BatchRowsQuery } from '../bindings/BatchRowsQuery';
import type { BatchSource } from '../bindings/BatchSource';
import type { BatchTrial } from '../bindings/BatchTrial';
import type { BodyEdit } from '../bindings/BodyEdit';
import type { Bootstrap } from '../bindings/Bootstrap';
import type { Cell } from '../bindings/Cell';
import type { CellSnapshot } from '../bindings/CellSnapshot';
import type { Check } from '../bindings/Check';
import type { CheckResult } from '../bindings/CheckResult';
import type { CodeRequest } from '../bindings/CodeRequest';
import type { CodeView } from '../bindings/CodeView';
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { ConflictSide } from '../bindings/ConflictSide';
import type { Connection } from '../bindings/Connection';
import type { ConnectionTest } from '../bindings/ConnectionTest';
import type { CurlImport } from '../bindings/CurlImport';
import type { DatasetInfo } from '../bindings/DatasetInfo';
import type { DatasetRow } from '../bindings/DatasetRow';
import type { DocumentForm } from '../bindings/DocumentForm';
import type { DocumentInfo } from '../bindings/DocumentInfo';
import type { DocumentRow } from '../bindings/DocumentRow';
import type { DocumentSource } from '../bindings/DocumentSource';
import type { EndpointKind } from '../bindings/EndpointKind';
import type { EventFilter } from '../bindings/EventFilter';
import type { EventRow } from '../bindings/EventRow';
import type { EventsView } from '../bindings/EventsView';
import type { ExchangeView } from '../bindings/ExchangeView';
import type { ExportFormat } from '../bindings/ExportFormat';
import type { ExportSubject } from '../bindings/ExportSubject';
import type { Exported } from '../bindings/Exported';
import type { FileFacts } from '../bindings/FileFacts';
import type { FilterHelp } from '../bindings/FilterHelp';
import type { FoundRows } from '../bindings/FoundRows';
import type { Imported } from '../bindings/Imported';
import type { InputDevice } from '../bindings/InputDevice';
import type { JudgeCount } from '../bindings/JudgeCount';
import type { KeychainStatus } from '../bindings/KeychainStatus';
import type { LaneTiming } from '../bindings/LaneTiming';
import type { MapMethod } from '../bindings/MapMethod';
import type { Matrix } from '../bindings/Matrix';
import type { MatrixBase } from '../bindings/MatrixBase';
import type { MatrixCells } from '../bindings/MatrixCells';
import type { MatrixCellsQuery } from '../bindings/MatrixCellsQuery';
import type { MatrixChanges } from '../bindings/MatrixChanges';
import type { MatrixCount } from '../bindings/MatrixCount';
import type { MatrixFigures } from '../bindings/MatrixFigures';
import type { MatrixNews } from '../bindings/MatrixNews';
import type { MatrixPlan } from '../bindings/MatrixPlan';
import type { Message } from '../bindings/Message';
import type { ModelListing } from '../bindings/ModelListing';
import type { Parameter } from '../bindings/Parameter';
import type { PictureDifference } from '../bindings/PictureDifference';
import type { PictureFormat } from '../bindings/PictureFormat';
import type { PictureSheet } from '../bindings/PictureSheet';
import type { PictureText } from '../bindings/PictureText';
import type { Playback } from '../bindings/Playback';
import type { Preview } from '../bindings/Preview';
import type { PriceFile } from '../bindings/PriceFile';
import type { PromptFolder } from '../bindings/PromptFolder';
import type { PromptVersion } from '../bindings/PromptVersion';
import type { ProviderBatches } from '../bindings/ProviderBatches';
import type { RecorderNews } from '../bindings/RecorderNews';
import type { Recording } from '../bindings/Recording';
import type { RecordingRate } from '../bindings/RecordingRate';
import type { Repeats } from '../bindings/Repeats';
import type { ReplayControl } from '../bindings/ReplayControl';
import type { ReplayPace } from '../bindings/ReplayPace';
import type { Run } from '../bindings/Run';
import type { RunSummary } from '../bindings/RunSummary';
import type { SandboxFaults } from '../bindings/SandboxFaults';
import type { SandboxInfo } from '../bindings/SandboxInfo';
import type { SchemaCheck } from '../bindings/SchemaCheck';
import type { SearchFacets } from '../bindings/SearchFacets';
import type { SearchPage } from '../bindings/SearchPage';
import type { SearchQuery } from '../bindings/SearchQuery';
import type { ServedReplay } from '../bindings/ServedReplay';
import type { Settings } from '../bindings/Settings';
import type { Shrink } from '../bindings/Shrink';
import type { SmallerPicture } from '../bindings/SmallerPicture';
import type { SoundFacts } from '../bindings/SoundFacts';
import type { SoundOrder } from '../bindings/SoundOrder';
import type { SoundPicture } from '../bindings/SoundPicture';
import type { SoundSource } from '../bindings/SoundSource';
import type { SoundTurn } from '../bindings/SoundTurn';
import type { TestRow } from '../bindings/TestRow';
import type { TestValue } from '../bindings/TestValue';
import type { TextChannel } from '../bindings/TextChannel';
import type { TokensView } from '../bindings/TokensView';
import type { Transcript } from '../bindings/Transcript';
import type { VectorAgreement } from '../bindings/VectorAgreement';
import type { VectorFacts } from '../bindings/VectorFacts';
import type { VectorFormat } from '../bindings/VectorFormat';
import type { VectorNeighbour } from '../bindings/VectorNeighbour';
import type { VectorPairs } from '../bindings/VectorPairs';
import type { WordComparison } from '../bindings/WordComparison';
import type { ToolReplies } from '../bindings/ToolReplies';
import type { ToolResult } from '../bindings/ToolResult';
import type { Totals } from '../bindings/Totals';

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

  /** Looks at the folder of the prompts: takes in files that changed, writes those that are missing. */
  syncPrompts(): Promise<PromptFolder>;
  /** Gives a conflict its end; the side that gives way is kept as a version. Returns what the prompt says now. */
  settlePrompt(comparison: string, side: ConflictSide): Promise<Comparison>;
  nameVersion(comparison: Comparison, name: string): Promise<PromptVersion>;
  /** Newest first. */
  promptVersions(comparison: string): Promise<PromptVersion[]>;
  promptVersion(comparison: string, version: string): Promise<Comparison>;

  /** What a table has; cheap to ask again while its file stays as it is. */
  /** What a call would be as a row of a table. */
  testRow(cell: string): Promise<TestRow>;
  /** Puts a row behind a table, or makes the file. */
  addTestRow(path: string, values: readonly TestValue[]): Promise<AddedRow>;
  takeBackTestRow(added: AddedRow): Promise<void>;
  openDataset(path: string): Promise<DatasetInfo>;
  /** Rows for a list: long values are cut. */
  datasetRows(path: string, from: number, count: number): Promise<DatasetRow[]>;
  /** A row with its whole values. */
  datasetRow(path: string, row: number): Promise<DatasetRow>;
  /** The whole values of a column of the first `count` rows; `null` where a row has none or cannot be read. */
  datasetColumn(path: string, column: number, count: number): Promise<(string | null)[]>;
  findDatasetRows(path: string, text: string): Promise<FoundRows>;
  /** The comparison with the values of its row in its variables, as it would be sent. */
  fillRow(comparison: Comparison): Promise<Comparison>;

  /** Starts every unmuted lane, or only those named. Returns at once with the cells, queued. */
  startRun(comparison: Comparison, lanes: string[] | null): Promise<Run>;
  stopRun(run: string): Promise<void>;
  stopCell(cell: string): Promise<void>;
  /** Ends the countdown of a cell that waits for its next try. */
  retryNow(cell: string): Promise<void>;
  /** Gives the calls of an answer their results and starts the next step of its dialogue, which it returns, queued. */
  answerCalls(cell: string, replies: ToolReplies): Promise<Cell>;
  /** What the rules of the plan give for the calls of an answer; a call that no rule fits is absent. Asks tools on this machine. */
  suggestResults(cell: string, choice: number): Promise<ToolResult[]>;
  /** A dialogue up to that answer, and with `replies` up to their results, as messages of a draft. */
  dialogueMessages(cell: string, replies: ToolReplies | null): Promise<Message[]>;
  listRuns(limit: number, before: string | null): Promise<RunSummary[]>;
  openRun(id: string): Promise<Run>;
  openCell(id: string): Promise<CellSnapshot>;
  openExchange(cell: string): Promise<ExchangeView>;
  /**
   * A report of a failed cell for a bug tracker, without keys; prompts and the answer's body only when asked for.
   * `changed` are lines that say what is different since it last worked.
   */
  errorReport(cell: string, changed: string[], withContent: boolean): Promise<string>;
  preview(comparison: Comparison, lane: string): Promise<Preview>;

  /**
   * What a lane sends beside model and messages, in the words of its endpoint and before variables are filled in. Neither a
   * model nor a message is needed.
   */
  laneParameters(comparison: Comparison, lane: string): Promise<Parameter[]>;

  /** The request body of a lane as indented JSON, before variables are filled in. */
  laneBody(comparison: Comparison, lane: string): Promise<string>;
  /** Reads such a text back into the comparison: into the draft for the base lane, else into what the lane overrides. */
  applyBody(comparison: Comparison, lane: string, text: string): Promise<BodyEdit>;

  /** What there is to show; cheap to ask again while `live`. */
  documentInfo(source: DocumentSource, form: DocumentForm): Promise<DocumentInfo>;
  documentRows(source: DocumentSource, form: DocumentForm, from: number, count: number): Promise<DocumentRow[]>;
  /** The bytes themselves, for an image, a sound, or the clipboard. A request's head is not among them. */
  documentBytes(source: DocumentSource): Promise<ArrayBuffer>;
  events(cell: string): Promise<EventsView>;
  /** Arrival of every event, milliseconds since the call began, in order. */
  eventTimes(cell: string): Promise<Float32Array>;
  /** Numbers of the events that a filter lets through. */
  findEvents(cell: string, filter: EventFilter): Promise<Uint32Array>;
  readEvents(cell: string, numbers: number[]): Promise<EventRow[]>;
  /** Number of the event that carried the UTF-16 unit at `offset` of that part of the answer. */
  eventOfText(cell: string, channel: TextChannel, choice: number, offset: number): Promise<number | null>;
  /** The whole of a string of an output item that was too long to come along; `pointer` is within the item. */
  itemString(cell: string, choice: number, pointer: string): Promise<string>;
  /** How the answer of a call stands against the checks of its run, or against those that are given. */
  checkCell(cell: string, checks?: readonly Check[] | null): Promise<CheckResult[]>;
  /** What the repeats of runs that sent the same say together, each lane held against one of them. */
  repeats(runs: readonly string[], base: string, checks?: readonly Check[] | null): Promise<Repeats>;
  /** Other runs that sent the same, newest first. */
  sameRuns(run: string): Promise<RunSummary[]>;
  /** What is still to be asked of the judges among the checks. */
  countJudges(runs: readonly string[], checks: readonly Check[] | null): Promise<JudgeCount>;
  /** Asks them, and is back when all was said or the asking was stopped. */
  askJudges(runs: readonly string[], checks: readonly Check[] | null): Promise<void>;
  stopJudges(runs: readonly string[]): Promise<void>;
  /** How a choice stands against the schema that was sent for it; `null` when none was. Cheap to ask again while it grows. */
  schemaCheck(cell: string, choice: number): Promise<SchemaCheck | null>;
  /** What base64, or a `data:` URL of it, is by its bytes. */
  fileFacts(data: string): Promise<FileFacts>;
  /** From one `data:` URL to another. */
  smallerPicture(url: string, shrink: Shrink): Promise<SmallerPicture>;
  /** What the pictures of an answer are, in its order. */
  answeredPictures(cell: string): Promise<AnsweredPicture[]>;
  /** One of them as it came, whether the answer held it or named its address. */
  pictureBytes(cell: string, number: number): Promise<ArrayBuffer>;
  /** Pictures come as `data:` URLs and go as such. The longest edge of this one has at most `edge` pixels. */
  pictureThumbnail(data: string, edge: number): Promise<SmallerPicture>;
  /** The same pixels in another format; `quality` is 1 to 100, for JPEG. */
  convertPicture(data: string, format: PictureFormat, quality: number): Promise<SmallerPicture>;
  /** Where two pictures differ by more than `tolerance`, 0 to 255, in a channel. */
  pictureDifference(one: string, other: string, tolerance: number): Promise<PictureDifference>;
  /** A grid of pictures as one PNG. */
  pictureSheet(sheet: PictureSheet): Promise<SmallerPicture>;
  /** The texts in a PNG, such as the request that it was drawn from. */
  pictureTexts(data: string): Promise<PictureText[]>;
  /** The same PNG with texts in it; its pixels are not touched. */
  withPictureTexts(data: string, texts: PictureText[]): Promise<string>;
  /** The sound of an answer, which itself stays where it was recorded. */
  soundFacts(cell: string, choice: number): Promise<SoundFacts>;
  /** Saves it as it came. */
  saveSound(cell: string, choice: number): Promise<Exported>;
  /** Plays it from `position` on, in seconds; whatever was heard before ends. */
  playSound(cell: string, choice: number, position: number): Promise<Playback | null>;
  /** Plays sounds one after the other, the first from `position` on; `speed` is 0.5 to 2. */
  playSounds(turns: SoundTurn[], position: number, speed: number): Promise<Playback | null>;
  controlSound(order: SoundOrder): Promise<Playback | null>;
  /** A waveform `width` parts wide of the stretch between two shares of the whole, 0 to 1, and the loudness of all of it. */
  soundPicture(source: SoundSource, width: number, from: number, to: number): Promise<SoundPicture>;
  /** What can be recorded from; the system's own choice first. */
  listInputs(): Promise<InputDevice[]>;
  /**
   * Begins to record from a device, or from the system's own choice, and gives the id that the recording will have. `tell`
   * is called about twenty times a second, the last time with the state `ended`, also when the device or the disk failed.
   */
  startRecording(device: string | null, rate: RecordingRate, tell: (news: RecorderNews) => void): Promise<string>;
  pauseRecording(): Promise<void>;
  resumeRecording(): Promise<void>;
  /** Ends the recording, also one that ended by itself, and keeps it under a name; `null` when there is none. */
  stopRecording(name: string): Promise<Recording | null>;
  /** All recordings, newest first. */
  listRecordings(): Promise<Recording[]>;
  /** Keeps the bytes of a file as a recording; what it is goes by its bytes. */
  importRecording(fileName: string, data: Uint8Array): Promise<Recording>;
  renameRecording(recording: string, name: string): Promise<Recording>;
  /** What was sent of it stays in the history. */
  deleteRecording(recording: string): Promise<void>;
  /** Keeps the sound of an answer as a recording, byte for byte. */
  keepSound(cell: string, choice: number, name: string): Promise<Recording>;
  /** What a finished transcription heard. */
  transcript(cell: string): Promise<Transcript>;
  /** What was said against what was heard; `loosely` takes no account of capitals and punctuation. */
  compareWords(said: string, heard: string, loosely: boolean): Promise<WordComparison>;
  /** Whether vectors are sound. Here and below, `cells` are the calls of one model in the order of its texts. */
  vectorFacts(cells: string[]): Promise<VectorFacts>;
  /** The length of each vector. */
  vectorNorms(cells: string[]): Promise<Float32Array>;
  /** How the cosines of all pairs are spread, in `steps` steps; `null` when there is no pair. */
  vectorPairs(cells: string[], steps: number): Promise<VectorPairs | null>;
  /** All cosines, row by row; `NaN` where a vector has no direction. */
  vectorSquare(cells: string[]): Promise<Float32Array>;
  /** The vectors nearest to the one of a row, nearest first. */
  vectorNeighbours(cells: string[], row: number, count: number): Promise<VectorNeighbour[]>;
  /**
   * The shares of variance that the two axes explain, `NaN` where they mean nothing; then x and y of each vector. `null`
   * when it was stopped. It is made once and kept; who asks while it is made waits for the same one.
   */
  vectorMap(cells: string[], method: MapMethod): Promise<Float32Array | null>;
  /** How much of a map is made, 0 to 1; `null` when nobody makes it. */
  vectorMapProgress(cells: string[], method: MapMethod): Promise<number | null>;
  stopVectorMap(cells: string[], method: MapMethod): Promise<void>;
  vectorAgreement(one: string[], other: string[], most: number): Promise<VectorAgreement>;
  exportVectors(cells: string[], format: VectorFormat): Promise<Exported>;
  tokens(cell: string, choice: number): Promise<TokensView>;
  alternatives(cell: string, choice: number, token: number): Promise<Alternative[]>;
  /** Earlier calls of the same model on the same connection, newest first, with the cell itself. */
  laneHistory(cell: string): Promise<LaneTiming[]>;
  code(request: CodeRequest): Promise<CodeView>;

  /**
   * Plays a recorded answer again; a replay of the same cell that is under way is replaced. Gives the cell as it is now,
   * with no text yet: the page restores its own from it, and the batches that follow fit on.
   */
  startReplay(cell: string, pace: ReplayPace): Promise<CellSnapshot>;
  controlReplay(cell: string, control: ReplayControl): Promise<void>;
  /** Serves the recorded answer on loopback at `factor` times its pace, until the app closes. */
  serveReplay(cell: string, factor: number): Promise<ServedReplay>;

  search(query: SearchQuery): Promise<SearchPage>;
  /** `offset`: minutes that the time zone is ahead of UTC. */
  searchFacets(text: string, offset: number): Promise<SearchFacets>;
  searchHelp(): Promise<FilterHelp[]>;
  starRun(run: string, starred: boolean): Promise<void>;
  noteRun(run: string, note: string): Promise<void>;
  /** Out of every list; for good when the app starts the next time. */
  deleteRuns(runs: string[]): Promise<void>;
  undeleteRuns(runs: string[]): Promise<void>;
  /** What calls since then used; Unix milliseconds. */
  totals(since: number): Promise<Totals>;

  /** What became of work that was handed to providers' queues, newest first. */
  batches(): Promise<BatchJob[]>;
  /** Begins a batch that is not sent yet; the look at its lines is told as news. */
  makeBatch(source: BatchSource, plan: BatchPlan): Promise<BatchJob>;
  /** As far as the look at its lines is. */
  batchCheck(batch: string): Promise<BatchCheck>;
  /** Chooses what becomes of a line; `null` takes that back. */
  mendBatchLine(batch: string, line: number, mend: BatchMend | null): Promise<BatchCheck>;
  leaveOutFaults(batch: string): Promise<BatchCheck>;
  /** Of a batch that was sent only the name changes. */
  planBatch(batch: string, plan: BatchPlan): Promise<BatchJob>;
  /** Sends the first `count` lines of a draft live; what comes of them is told as news. */
  tryBatch(batch: string, count: number): Promise<BatchTrial>;
  /** What came of the lines that were sent live last. */
  batchTrial(batch: string): Promise<BatchTrial | null>;
  sendBatch(batch: string): Promise<BatchJob>;
  /** For a batch whose first answer never came, when the person has said so. */
  sendBatchAgain(batch: string): Promise<BatchJob>;
  cancelBatch(batch: string): Promise<BatchJob>;
  /** Asks the provider at once. */
  askBatchNow(batch: string): Promise<BatchJob>;
  /** Forgets it here; what the provider has stays there. */
  dropBatch(batch: string): Promise<void>;
  batchRows(batch: string, query: BatchRowsQuery): Promise<BatchRows>;
  /** The same rows by their lines alone, however many. */
  batchLines(batch: string, query: BatchRowsQuery): Promise<BatchLines>;
  batchRow(batch: string, line: number): Promise<BatchRowDetail>;
  /** Writes the joined rows, in the form that the ending of the whole path says; tells how many they are. */
  saveBatch(batch: string, path: string): Promise<number>;
  /** What the provider has, newest first; `cursor` is that of the page before. */
  providerBatches(connection: string, state: string | null, cursor: string | null): Promise<ProviderBatches>;
  /** Takes a batch that was made elsewhere into the list. */
  adoptBatch(connection: string, providerId: string): Promise<BatchJob>;
  watchBatches(onNews: (news: BatchNews) => void): Promise<void>;

  /** Newest first. */
  matrices(): Promise<Matrix[]>;
  matrix(id: string): Promise<Matrix>;
  /** Keeps a draft, a new one without an id. Of one that began only the name and the limits change. */
  saveMatrix(id: string | null, plan: MatrixPlan): Promise<Matrix>;
  /** How much a plan is; nothing is sent or kept. */
  countMatrix(plan: MatrixPlan): Promise<MatrixCount>;
  /** Begins, or goes on with the cells that are missing. */
  startMatrix(id: string): Promise<Matrix>;
  /** Calls in flight end by themselves; a second pause stops them. */
  pauseMatrix(id: string): Promise<Matrix>;
  retryMatrixFailures(id: string): Promise<Matrix>;
  /** Its runs stay in the history. */
  dropMatrix(id: string): Promise<void>;
  matrixCells(id: string, query: MatrixCellsQuery): Promise<MatrixCells>;
  /** Variants over all their cells, held against the base, by itself the first of them. */
  matrixFigures(id: string, base: MatrixBase | null): Promise<MatrixFigures>;
  matrixChanges(id: string, base: MatrixBase, from: number, count: number): Promise<MatrixChanges>;
  /** Writes all cells, in the form that the ending of the whole path says; tells how many they are. */
  saveMatrixResults(id: string, path: string): Promise<number>;
  /** Writes the plan. */
  writeMatrixFile(id: string, path: string): Promise<void>;
  readMatrixFile(path: string): Promise<MatrixPlan>;
  watchMatrices(onNews: (news: MatrixNews) => void): Promise<void>;

  /** Writes a file into the folder for exports. */
  exportRuns(subject: ExportSubject, format: ExportFormat): Promise<Exported>;
  saveText(fileName: string, text: string): Promise<Exported>;
  savePicture(fileName: string, picture: Uint8Array): Promise<Exported>;
  /** A pasted text or the bytes of a file; the format is found by content. `name` is empty for a paste. */
  importData(name: string, data: Uint8Array): Promise<Imported>;

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
