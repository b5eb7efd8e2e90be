// What can be done with one place of the grid. Keys and the palette run the same.
import type { PictureFormat } from '../../bindings/PictureFormat';
import type { MenuItem } from '../../components/Menu.svelte';
import type { App } from '../../state/app.svelte';
import type { ImagesView, Tile } from './images-view.svelte';
import { isUnseen, savePicture, savePictureAsItCame } from './save';

export const formats: { format: PictureFormat; name: string }[] = [
  { format: 'png', name: 'PNG' },
  { format: 'jpeg', name: 'JPEG' },
  { format: 'webp', name: 'WebP' },
];

/** Why nothing can be done with the picture of a place. */
export function pictureReason(view: ImagesView, tile: Tile | null): string | null {
  if (!tile?.cell) return 'There is no picture here yet';
  if (tile.cell.isLive) return 'The picture is not here yet';
  return view.keyOf(tile) ? null : 'This call brought no picture';
}

export function retryReason(tile: Tile | null): string | null {
  if (!tile?.cell) return 'Nothing was asked for here yet';
  return tile.cell.isLive ? 'The call is under way' : null;
}

export function inspectReason(tile: Tile | null): string | null {
  return tile?.cell ? null : 'Nothing was asked for here yet';
}

export function tileMenu(app: App, view: ImagesView, tile: Tile): MenuItem[] {
  const none = pictureReason(view, tile);
  const { actions } = app;
  return [
    { label: 'Set as A', keys: actions.keysFor('images.a'), disabledReason: none, run: () => view.choose('a', tile) },
    { label: 'Set as B', keys: actions.keysFor('images.b'), disabledReason: none, run: () => view.choose('b', tile) },
    ...formats.map(({ format, name }, index): MenuItem => ({
      label: `Save as ${name}`,
      icon: 'download',
      separated: index === 0,
      disabledReason: none,
      run: () => void savePicture(app, view, tile, format),
    })),
    ...(isUnseen(view.pictureOf(tile))
      ? [
          {
            label: 'Save as it came',
            icon: 'download' as const,
            run: () => void savePictureAsItCame(app, view, tile),
          },
        ]
      : []),
    {
      label: 'Run again',
      icon: 'reset',
      separated: true,
      disabledReason: retryReason(tile),
      run: () => void view.retry([tile]),
    },
    {
      label: 'Open in the inspector',
      icon: 'dock',
      disabledReason: inspectReason(tile),
      run: () => tile.cell && view.scope.inspect(tile.cell),
    },
  ];
}
