// What an answer cites. Chats nest the citation in a member of its own, responses spell it flat.
import { ItemView } from './item-view';

export interface Citation {
  /** The address or the file. */
  title: string;
  /** Opened only when asked; files have none. */
  address: string | null;
  /** What of the text it stands behind, when the server said so. */
  excerpt: string | null;
}

const LONGEST_EXCERPT = 240;

/** Citations of a message item, part by part. */
export function citationsOf(item: ItemView): Citation[] {
  return item.each('/content').flatMap((part) => read(item, `${part}/annotations`, item.text(`${part}/text`) ?? ''));
}

/** Citations of a choice of a chat; `json` is its list of annotations. */
export function citationsIn(json: string, text: string): Citation[] {
  return read(new ItemView({ type: '', id: null, status: null, json, long: [] }), '', text);
}

function read(item: ItemView, list: string, text: string): Citation[] {
  return item.each(list).map((one): Citation => {
    const nested = `${one}/${item.text(`${one}/type`) ?? ''}`;
    const at = typeof item.at(nested) === 'object' && item.at(nested) !== null ? nested : one;
    const address = item.text(`${at}/url`);
    const file = item.text(`${at}/filename`) ?? item.text(`${at}/file_id`);
    return {
      title: item.text(`${at}/title`) || (address ?? file ?? item.text(`${one}/type`) ?? 'Citation'),
      address,
      excerpt: excerpt(text, item.at(`${at}/start_index`), item.at(`${at}/end_index`)),
    };
  });
}

/** Places count characters, not the units that a script counts; what lies outside of the text is cut off. */
function excerpt(text: string, start: unknown, end: unknown): string | null {
  if (typeof start !== 'number' || typeof end !== 'number' || end <= start) return null;
  const cited = [...text].slice(Math.max(0, start), end).join('').trim();
  if (cited === '') return null;
  return cited.length > LONGEST_EXCERPT ? `${cited.slice(0, LONGEST_EXCERPT - 1)}…` : cited;
}
