import type { VectorFormat } from '../../bindings/VectorFormat';
import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { laneView } from '../compare/lane-view.svelte';
import { tellSaved } from '../transfer/export';
import { documentActions } from '../workspace/document-actions';
import { embeddingsView, type EmbeddingsView } from './embeddings-view.svelte';

export const EXPORTS: readonly { format: VectorFormat; label: string }[] = [
  { format: 'npy', label: 'NumPy array (.npy)' },
  { format: 'jsonl', label: 'JSON lines, with the texts' },
  { format: 'parquet', label: 'Parquet, with the texts' },
];

export function exportReason(view: EmbeddingsView): string | null {
  return view.shown ? null : 'There are no vectors yet';
}

export async function exportVectors(app: App, view: EmbeddingsView, format: VectorFormat): Promise<void> {
  if (!view.shown) return;
  try {
    tellSaved(app, await app.host.exportVectors(view.shown.cells, format));
  } catch (error) {
    app.report(error);
  }
}

export function embeddingsActions(app: App): Action[] {
  const view = embeddingsView(app);
  const visible = () => app.section === 'embeddings';
  const ready = () => view.startReason();
  return [
    {
      id: 'embed.run',
      title: 'Embed',
      group: 'Embeddings',
      key: 'Ctrl+Enter',
      visible,
      disabledReason: ready,
      run: () => view.start(),
    },
    {
      id: 'embed.again',
      title: 'Embed again',
      group: 'Embeddings',
      key: 'Ctrl+R',
      visible,
      disabledReason: ready,
      run: () => view.start(),
    },
    {
      id: 'embed.stop',
      title: 'Stop embedding',
      group: 'Embeddings',
      key: 'Escape',
      inText: true,
      visible: () => visible() && view.document.isLive,
      run: () => view.document.stop(),
    },
    {
      id: 'embed.stop-map',
      title: 'Stop making the map',
      group: 'Embeddings',
      key: 'Escape',
      inText: true,
      visible: () => visible() && !view.document.isLive && view.mapWork !== null,
      run: () => view.stopMap(),
    },
    {
      id: 'embed.add',
      title: 'Add texts',
      group: 'Embeddings',
      key: 'Ctrl+M',
      visible,
      run: () => view.add(),
    },
    {
      id: 'embed.model',
      title: 'Change the model of the vectors',
      group: 'Embeddings',
      key: 'Ctrl+L',
      visible,
      run: () => void (laneView.choosingModel = view.lane?.id ?? null),
    },
    ...documentActions(
      { id: 'embed', group: 'Embeddings', one: 'list of texts' },
      () => view.document.documents,
      visible,
    ),
    {
      id: 'embed.parameters',
      title: 'Show or hide the parameters of the vectors',
      group: 'Embeddings',
      key: 'Ctrl+Alt+B',
      visible,
      run: () => void (view.showsParameters = !view.showsParameters),
    },
    ...EXPORTS.map(({ format, label }): Action => ({
      id: `embed.export.${format}`,
      title: `Export vectors: ${label}`,
      group: 'Embeddings',
      visible,
      disabledReason: () => exportReason(view),
      run: () => exportVectors(app, view, format),
    })),
  ];
}
