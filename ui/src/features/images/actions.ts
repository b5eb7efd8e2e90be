import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { laneView } from '../compare/lane-view.svelte';
import { documentActions } from '../workspace/document-actions';
import { imagesView } from './images-view.svelte';
import { saveSheet, savePicture, sheetReason } from './save';
import { formats, inspectReason, pictureReason, retryReason } from './tile-menu';

export function imagesActions(app: App): Action[] {
  const view = imagesView(app);
  const visible = () => app.section === 'images';
  const none = () => pictureReason(view, view.tile);
  return [
    {
      id: 'images.generate',
      title: 'Generate pictures',
      group: 'Images',
      key: 'Ctrl+Enter',
      visible,
      disabledReason: () => view.startReason(),
      run: () => view.start(),
    },
    {
      id: 'images.stop',
      title: 'Stop generating',
      group: 'Images',
      key: 'Escape',
      inText: true,
      visible: () => visible() && view.document.isLive,
      run: () => view.stop(),
    },
    {
      id: 'images.again',
      title: 'Retry the pictures that failed',
      group: 'Images',
      key: 'Ctrl+R',
      visible,
      disabledReason: () => (view.failed.length > 0 ? null : 'No picture failed'),
      run: () => view.retry(view.failed),
    },
    {
      id: 'images.retry',
      title: 'Run the chosen picture again',
      group: 'Images',
      key: 'Shift+R',
      visible,
      disabledReason: () => retryReason(view.tile),
      run: () => (view.tile ? view.retry([view.tile]) : undefined),
    },
    {
      id: 'images.model',
      title: 'Choose the model of the pictures',
      group: 'Images',
      key: 'Ctrl+L',
      visible,
      run: () => {
        laneView.choosingModel = view.document.lane?.id ?? null;
      },
    },
    {
      id: 'images.parameters',
      title: 'Open the parameters of the pictures',
      group: 'Images',
      key: 'Ctrl+Alt+B',
      visible,
      run: () => {
        view.side = 'grid';
        view.panelOpen = true;
      },
    },
    ...(['a', 'b'] as const).map((pick): Action => ({
      id: `images.${pick}`,
      title: `Set as ${pick.toUpperCase()}`,
      group: 'Images',
      key: pick.toUpperCase(),
      visible,
      disabledReason: none,
      run: () => {
        if (view.tile) view.choose(pick, view.tile);
      },
    })),
    {
      id: 'images.next',
      title: 'Show the next picture of an answer',
      group: 'Images',
      key: 'N',
      visible,
      disabledReason: () => (view.tile && view.countOf(view.tile) > 1 ? null : 'The answer has one picture at most'),
      run: () => {
        if (view.tile) view.showNumber(view.tile, view.numberOf(view.tile) + 1);
      },
    },
    ...formats.map(({ format, name }): Action => ({
      id: `images.save.${format}`,
      title: `Save the picture as ${name}`,
      group: 'Images',
      key: format === 'png' ? 'Ctrl+S' : undefined,
      visible,
      disabledReason: none,
      run: () => (view.tile ? savePicture(app, view, view.tile, format) : undefined),
    })),
    {
      id: 'images.sheet',
      title: 'Save a contact sheet',
      group: 'Images',
      visible,
      disabledReason: () => sheetReason(view),
      run: () => saveSheet(app, view),
    },
    {
      id: 'images.inspect',
      title: 'Open in the inspector',
      group: 'Images',
      key: 'I',
      visible,
      disabledReason: () => inspectReason(view.tile),
      run: () => {
        if (view.tile?.cell) view.scope.inspect(view.tile.cell);
      },
    },
    ...documentActions({ id: 'images', group: 'Images', one: 'image prompt' }, () => view.document.documents, visible),
  ];
}
