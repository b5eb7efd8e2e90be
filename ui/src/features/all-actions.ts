import type { Action } from '../state/actions.svelte';
import type { App } from '../state/app.svelte';
import { audioActions } from './audio/actions';
import { batchesActions } from './batches/actions';
import { compareActions } from './compare/actions';
import { composeActions } from './compose/actions';
import { diffActions } from './diff/actions';
import { connectionActions } from './connections/actions';
import { embeddingsActions } from './embeddings/actions';
import { imagesActions } from './images/actions';
import { inspectActions } from './inspect/actions';
import { replayActions } from './inspect/replay/actions';
import { repeatsActions } from './repeats/actions';
import { testRowActions } from './test-rows/actions';
import { shellActions } from './shell/actions';
import { matrixActions } from './matrix/actions';
import { outputSchemaActions } from './output-schema/actions';
import { promptActions } from './prompts/actions';
import { historyActions } from './history/actions';
import { startActions } from './start/actions';
import { toolActions } from './tools/actions';
import { toolsTabActions } from './tools-tab/actions';
import { variableActions } from './compose/variable-actions';
import { transferActions } from './transfer/actions';
import { workspaceActions } from './workspace/actions';

/** Every action of every feature. */
export function allActions(app: App): Action[] {
  return [
    // First, because Ctrl+Enter means them while a result is written.
    toolActions,
    compareActions,
    diffActions,
    composeActions,
    variableActions,
    toolsTabActions,
    outputSchemaActions,
    workspaceActions,
    promptActions,
    connectionActions,
    inspectActions,
    replayActions,
    repeatsActions,
    testRowActions,
    shellActions,
    startActions,
    historyActions,
    imagesActions,
    transferActions,
    audioActions,
    batchesActions,
    matrixActions,
    embeddingsActions,
  ].flatMap((actions) => actions(app));
}
