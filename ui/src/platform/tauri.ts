// The app's commands. Dull on purpose: one line for each method of `Host`, the same names, nothing decided here.
import { Channel, invoke } from '@tauri-apps/api/core';
import type { Batch } from '../bindings/Batch';
import type { BatchNews } from '../bindings/BatchNews';
import type { MatrixNews } from '../bindings/MatrixNews';
import type { RecorderNews } from '../bindings/RecorderNews';
import type { Host } from './host';

export class TauriHost implements Host {
  bootstrap: Host['bootstrap'] = () => invoke('bootstrap');

  subscribe: Host['subscribe'] = (onBatch) => {
    const channel = new Channel<Batch>();
    channel.onmessage = onBatch;
    return invoke('subscribe', { channel });
  };
  acknowledge: Host['acknowledge'] = (number) => invoke('acknowledge', { number });

  onClosing: Host['onClosing'] = (save) => {
    // The app waits only a moment, so it hears of the end whether saving went well or not.
    const finish = () => void save().finally(() => invoke('page_saved'));
    window.addEventListener('juxta:closing', finish, { once: true });
  };

  listComparisons: Host['listComparisons'] = () => invoke('list_comparisons');
  openComparison: Host['openComparison'] = (id) => invoke('open_comparison', { id });
  saveComparison: Host['saveComparison'] = (comparison) => invoke('save_comparison', { comparison });
  deleteComparison: Host['deleteComparison'] = (id) => invoke('delete_comparison', { id });

  syncPrompts: Host['syncPrompts'] = () => invoke('sync_prompts');
  settlePrompt: Host['settlePrompt'] = (comparison, side) => invoke('settle_prompt', { comparison, side });
  nameVersion: Host['nameVersion'] = (comparison, name) => invoke('name_version', { comparison, name });
  promptVersions: Host['promptVersions'] = (comparison) => invoke('prompt_versions', { comparison });
  promptVersion: Host['promptVersion'] = (comparison, version) => invoke('prompt_version', { comparison, version });

  testRow: Host['testRow'] = (cell) => invoke('test_row', { cell });
  addTestRow: Host['addTestRow'] = (path, values) => invoke('add_test_row', { path, values });
  takeBackTestRow: Host['takeBackTestRow'] = (added) => invoke('take_back_test_row', { added });
  openDataset: Host['openDataset'] = (path) => invoke('open_dataset', { path });
  datasetRows: Host['datasetRows'] = (path, from, count) => invoke('dataset_rows', { path, from, count });
  datasetRow: Host['datasetRow'] = (path, row) => invoke('dataset_row', { path, row });
  datasetColumn: Host['datasetColumn'] = (path, column, count) => invoke('dataset_column', { path, column, count });
  findDatasetRows: Host['findDatasetRows'] = (path, text) => invoke('find_dataset_rows', { path, text });
  fillRow: Host['fillRow'] = (comparison) => invoke('fill_row', { comparison });

  startRun: Host['startRun'] = (comparison, lanes) => invoke('start_run', { comparison, lanes });
  stopRun: Host['stopRun'] = (run) => invoke('stop_run', { run });
  stopCell: Host['stopCell'] = (cell) => invoke('stop_cell', { cell });
  retryNow: Host['retryNow'] = (cell) => invoke('retry_now', { cell });
  answerCalls: Host['answerCalls'] = (cell, replies) => invoke('answer_calls', { cell, replies });
  suggestResults: Host['suggestResults'] = (cell, choice) => invoke('suggest_results', { cell, choice });
  dialogueMessages: Host['dialogueMessages'] = (cell, replies) => invoke('dialogue_messages', { cell, replies });
  listRuns: Host['listRuns'] = (limit, before) => invoke('list_runs', { limit, before });
  openRun: Host['openRun'] = (id) => invoke('open_run', { id });
  openCell: Host['openCell'] = (id) => invoke('open_cell', { id });
  openExchange: Host['openExchange'] = (cell) => invoke('open_exchange', { cell });
  errorReport: Host['errorReport'] = (cell, changed, withContent) =>
    invoke('error_report', { cell, changed, withContent });
  checkCell: Host['checkCell'] = (cell, checks = null) => invoke('check_cell', { cell, checks });
  repeats: Host['repeats'] = (runs, base, checks = null) => invoke('repeats', { runs, base, checks });
  sameRuns: Host['sameRuns'] = (run) => invoke('same_runs', { run });
  countJudges: Host['countJudges'] = (runs, checks) => invoke('count_judges', { runs, checks });
  askJudges: Host['askJudges'] = (runs, checks) => invoke('ask_judges', { runs, checks });
  stopJudges: Host['stopJudges'] = (runs) => invoke('stop_judges', { runs });
  preview: Host['preview'] = (comparison, lane) => invoke('preview', { comparison, lane });

  laneParameters: Host['laneParameters'] = (comparison, lane) => invoke('lane_parameters', { comparison, lane });
  laneBody: Host['laneBody'] = (comparison, lane) => invoke('lane_body', { comparison, lane });
  applyBody: Host['applyBody'] = (comparison, lane, text) => invoke('apply_body', { comparison, lane, text });

  documentInfo: Host['documentInfo'] = (source, form) => invoke('document_info', { source, form });
  documentRows: Host['documentRows'] = (source, form, from, count) =>
    invoke('document_rows', { source, form, from, count });
  documentBytes: Host['documentBytes'] = (source) => invoke('document_bytes', { source });
  events: Host['events'] = (cell) => invoke('events', { cell });
  eventTimes: Host['eventTimes'] = async (cell) => new Float32Array(await invoke<ArrayBuffer>('event_times', { cell }));
  findEvents: Host['findEvents'] = async (cell, filter) =>
    new Uint32Array(await invoke<ArrayBuffer>('find_events', { cell, filter }));
  readEvents: Host['readEvents'] = (cell, numbers) => invoke('read_events', { cell, numbers });
  eventOfText: Host['eventOfText'] = (cell, channel, choice, offset) =>
    invoke('event_of_text', { cell, channel, choice, offset });
  itemString: Host['itemString'] = (cell, choice, pointer) => invoke('item_string', { cell, choice, pointer });
  schemaCheck: Host['schemaCheck'] = (cell, choice) => invoke('schema_check', { cell, choice });
  fileFacts: Host['fileFacts'] = (data) => invoke('file_facts', { data });
  smallerPicture: Host['smallerPicture'] = (url, shrink) => invoke('smaller_picture', { url, shrink });
  answeredPictures: Host['answeredPictures'] = (cell) => invoke('answered_pictures', { cell });
  pictureBytes: Host['pictureBytes'] = (cell, number) => invoke('picture_bytes', { cell, number });
  pictureThumbnail: Host['pictureThumbnail'] = (data, edge) => invoke('picture_thumbnail', { data, edge });
  convertPicture: Host['convertPicture'] = (data, format, quality) =>
    invoke('convert_picture', { data, format, quality });
  pictureDifference: Host['pictureDifference'] = (one, other, tolerance) =>
    invoke('picture_difference', { one, other, tolerance });
  pictureSheet: Host['pictureSheet'] = (sheet) => invoke('picture_sheet', { sheet });
  pictureTexts: Host['pictureTexts'] = (data) => invoke('picture_texts', { data });
  withPictureTexts: Host['withPictureTexts'] = (data, texts) => invoke('with_picture_texts', { data, texts });
  soundFacts: Host['soundFacts'] = (cell, choice) => invoke('sound_facts', { cell, choice });
  saveSound: Host['saveSound'] = (cell, choice) => invoke('save_sound', { cell, choice });
  playSound: Host['playSound'] = (cell, choice, position) => invoke('play_sound', { cell, choice, position });
  playSounds: Host['playSounds'] = (turns, position, speed) => invoke('play_sounds', { turns, position, speed });
  soundPicture: Host['soundPicture'] = (source, width, from, to) =>
    invoke('sound_picture', { source, width, from, to });
  listInputs: Host['listInputs'] = () => invoke('list_inputs');
  startRecording: Host['startRecording'] = (device, rate, tell) => {
    const channel = new Channel<RecorderNews>();
    channel.onmessage = tell;
    return invoke('start_recording', { device, rate, channel });
  };
  pauseRecording: Host['pauseRecording'] = () => invoke('pause_recording');
  resumeRecording: Host['resumeRecording'] = () => invoke('resume_recording');
  stopRecording: Host['stopRecording'] = (name) => invoke('stop_recording', { name });
  controlSound: Host['controlSound'] = (order) => invoke('control_sound', { order });
  listRecordings: Host['listRecordings'] = () => invoke('list_recordings');
  importRecording: Host['importRecording'] = (fileName, data) =>
    invoke('import_recording', data, { headers: { 'x-file-name': encodeURIComponent(fileName) } });
  renameRecording: Host['renameRecording'] = (recording, name) => invoke('rename_recording', { recording, name });
  deleteRecording: Host['deleteRecording'] = (recording) => invoke('delete_recording', { recording });
  keepSound: Host['keepSound'] = (cell, choice, name) => invoke('keep_sound', { cell, choice, name });
  transcript: Host['transcript'] = (cell) => invoke('transcript', { cell });
  compareWords: Host['compareWords'] = (said, heard, loosely) => invoke('compare_words', { said, heard, loosely });
  vectorFacts: Host['vectorFacts'] = (cells) => invoke('vector_facts', { cells });
  vectorNorms: Host['vectorNorms'] = async (cells) =>
    new Float32Array(await invoke<ArrayBuffer>('vector_norms', { cells }));
  vectorPairs: Host['vectorPairs'] = (cells, steps) => invoke('vector_pairs', { cells, steps });
  vectorSquare: Host['vectorSquare'] = async (cells) =>
    new Float32Array(await invoke<ArrayBuffer>('vector_square', { cells }));
  vectorNeighbours: Host['vectorNeighbours'] = (cells, row, count) =>
    invoke('vector_neighbours', { cells, row, count });
  vectorMap: Host['vectorMap'] = async (cells, method) => {
    const numbers = await invoke<ArrayBuffer>('vector_map', { cells, method });
    return numbers.byteLength === 0 ? null : new Float32Array(numbers);
  };
  vectorMapProgress: Host['vectorMapProgress'] = (cells, method) => invoke('vector_map_progress', { cells, method });
  stopVectorMap: Host['stopVectorMap'] = (cells, method) => invoke('stop_vector_map', { cells, method });
  vectorAgreement: Host['vectorAgreement'] = (one, other, most) => invoke('vector_agreement', { one, other, most });
  exportVectors: Host['exportVectors'] = (cells, format) => invoke('export_vectors', { cells, format });
  tokens: Host['tokens'] = (cell, choice) => invoke('tokens', { cell, choice });
  alternatives: Host['alternatives'] = (cell, choice, token) => invoke('alternatives', { cell, choice, token });
  laneHistory: Host['laneHistory'] = (cell) => invoke('lane_history', { cell });
  code: Host['code'] = (request) => invoke('code', { request });

  startReplay: Host['startReplay'] = (cell, pace) => invoke('start_replay', { cell, pace });
  controlReplay: Host['controlReplay'] = (cell, control) => invoke('control_replay', { cell, control });
  serveReplay: Host['serveReplay'] = (cell, factor) => invoke('serve_replay', { cell, factor });

  search: Host['search'] = (query) => invoke('search', { query });
  searchFacets: Host['searchFacets'] = (text, offset) => invoke('search_facets', { text, offset });
  searchHelp: Host['searchHelp'] = () => invoke('search_help');
  starRun: Host['starRun'] = (run, starred) => invoke('star_run', { run, starred });
  noteRun: Host['noteRun'] = (run, note) => invoke('note_run', { run, note });
  deleteRuns: Host['deleteRuns'] = (runs) => invoke('delete_runs', { runs });
  undeleteRuns: Host['undeleteRuns'] = (runs) => invoke('undelete_runs', { runs });
  totals: Host['totals'] = (since) => invoke('totals', { since });

  batches: Host['batches'] = () => invoke('batches');
  makeBatch: Host['makeBatch'] = (source, plan) => invoke('make_batch', { source, plan });
  batchCheck: Host['batchCheck'] = (id) => invoke('batch_check', { id });
  mendBatchLine: Host['mendBatchLine'] = (id, line, mend) => invoke('mend_batch_line', { id, line, mend });
  leaveOutFaults: Host['leaveOutFaults'] = (id) => invoke('leave_out_faults', { id });
  planBatch: Host['planBatch'] = (id, plan) => invoke('plan_batch', { id, plan });
  tryBatch: Host['tryBatch'] = (id, count) => invoke('try_batch', { id, count });
  batchTrial: Host['batchTrial'] = (id) => invoke('batch_trial', { id });
  sendBatch: Host['sendBatch'] = (id) => invoke('send_batch', { id });
  sendBatchAgain: Host['sendBatchAgain'] = (id) => invoke('send_batch_again', { id });
  cancelBatch: Host['cancelBatch'] = (id) => invoke('cancel_batch', { id });
  askBatchNow: Host['askBatchNow'] = (id) => invoke('ask_batch_now', { id });
  dropBatch: Host['dropBatch'] = (id) => invoke('drop_batch', { id });
  batchRows: Host['batchRows'] = (id, query) => invoke('batch_rows', { id, query });
  batchLines: Host['batchLines'] = (id, query) => invoke('batch_lines', { id, query });
  batchRow: Host['batchRow'] = (id, line) => invoke('batch_row', { id, line });
  saveBatch: Host['saveBatch'] = (id, path) => invoke('save_batch', { id, path });
  providerBatches: Host['providerBatches'] = (connection, state, cursor) =>
    invoke('provider_batches', { connection, state, cursor });
  adoptBatch: Host['adoptBatch'] = (connection, providerId) => invoke('adopt_batch', { connection, providerId });
  watchBatches: Host['watchBatches'] = (onNews) => {
    const channel = new Channel<BatchNews>();
    channel.onmessage = onNews;
    return invoke('watch_batches', { onNews: channel });
  };

  matrices: Host['matrices'] = () => invoke('matrices');
  matrix: Host['matrix'] = (id) => invoke('matrix', { id });
  saveMatrix: Host['saveMatrix'] = (id, plan) => invoke('save_matrix', { id, plan });
  countMatrix: Host['countMatrix'] = (plan) => invoke('count_matrix', { plan });
  startMatrix: Host['startMatrix'] = (id) => invoke('start_matrix', { id });
  pauseMatrix: Host['pauseMatrix'] = (id) => invoke('pause_matrix', { id });
  retryMatrixFailures: Host['retryMatrixFailures'] = (id) => invoke('retry_matrix_failures', { id });
  dropMatrix: Host['dropMatrix'] = (id) => invoke('drop_matrix', { id });
  matrixCells: Host['matrixCells'] = (id, query) => invoke('matrix_cells', { id, query });
  matrixFigures: Host['matrixFigures'] = (id, base) => invoke('matrix_figures', { id, base });
  matrixChanges: Host['matrixChanges'] = (id, base, from, count) => invoke('matrix_changes', { id, base, from, count });
  saveMatrixResults: Host['saveMatrixResults'] = (id, path) => invoke('save_matrix_results', { id, path });
  writeMatrixFile: Host['writeMatrixFile'] = (id, path) => invoke('write_matrix_file', { id, path });
  readMatrixFile: Host['readMatrixFile'] = (path) => invoke('read_matrix_file', { path });
  watchMatrices: Host['watchMatrices'] = (onNews) => {
    const channel = new Channel<MatrixNews>();
    channel.onmessage = onNews;
    return invoke('watch_matrices', { onNews: channel });
  };

  exportRuns: Host['exportRuns'] = (subject, format) => invoke('export_runs', { subject, format });
  saveText: Host['saveText'] = (fileName, text) => invoke('save_text', { fileName, text });
  savePicture: Host['savePicture'] = (fileName, picture) =>
    invoke('save_picture', picture, { headers: { 'x-file-name': encodeURIComponent(fileName) } });
  importData: Host['importData'] = (name, data) =>
    invoke('import_data', data, { headers: { 'x-file-name': encodeURIComponent(name) } });

  saveConnection: Host['saveConnection'] = (connection) => invoke('save_connection', { connection });
  deleteConnection: Host['deleteConnection'] = (id) => invoke('delete_connection', { id });
  testConnection: Host['testConnection'] = (connection) => invoke('test_connection', { connection });
  listModels: Host['listModels'] = (connection, endpoint) => invoke('list_models', { connection, endpoint });
  storeKey: Host['storeKey'] = (connection, slot, key) => invoke('store_key', { connection, slot, key });
  forgetKey: Host['forgetKey'] = (connection, slot) => invoke('forget_key', { connection, slot });
  keychain: Host['keychain'] = () => invoke('keychain');
  importCurl: Host['importCurl'] = (command) => invoke('import_curl', { command });

  sandbox: Host['sandbox'] = () => invoke('sandbox');
  setSandboxFaults: Host['setSandboxFaults'] = (faults) => invoke('set_sandbox_faults', { faults });

  saveSettings: Host['saveSettings'] = (settings) => invoke('save_settings', { settings });
  openPrices: Host['openPrices'] = () => invoke('open_prices');
  savePrices: Host['savePrices'] = (text) => invoke('save_prices', { text });
}
