import type { Action } from '../../state/actions.svelte';
import type { Documents } from '../../state/documents';

interface Naming {
  /** What the ids begin with: `images`. */
  id: string;
  group: string;
  /** What one of them is called in a sentence: `image prompt`. */
  one: string;
  key?: string;
  /** A new one can be made from every section. */
  isEverywhere?: boolean;
}

/** New, duplicate and delete, for the documents of a section. `here` says whether that section is on screen. */
export function documentActions(
  { id, group, one, key, isEverywhere = false }: Naming,
  documents: () => Documents,
  here: () => boolean,
): Action[] {
  const none = () => (documents().openId === null ? `No ${one} is open` : null);
  const open = (act: (id: string) => Promise<void>) => async () => {
    const { openId } = documents();
    if (openId !== null) await act(openId);
  };
  return [
    {
      id: `${id}.new`,
      title: `New ${one}`,
      group,
      key,
      visible: isEverywhere ? undefined : here,
      run: () => documents().create(),
    },
    {
      id: `${id}.duplicate`,
      title: `Duplicate this ${one}`,
      group,
      visible: here,
      disabledReason: none,
      run: open((chosen) => documents().duplicate(chosen)),
    },
    {
      id: `${id}.delete`,
      title: `Delete this ${one}`,
      group,
      visible: here,
      disabledReason: none,
      run: open((chosen) => documents().remove(chosen)),
    },
  ];
}
