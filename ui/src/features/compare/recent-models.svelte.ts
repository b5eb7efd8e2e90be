/** Models that were run lately, newest first. Kept by the web view, since nothing depends on it. */
export interface RecentModel {
  connection: string;
  model: string;
  /** Unix milliseconds. */
  at: number;
}

const KEY = 'recent-models';
const KEPT = 12;

export class RecentModels {
  list: RecentModel[] = $state.raw(read());

  add(connection: string, model: string, at = Date.now()): void {
    if (model === '') return;
    const others = this.list.filter((entry) => entry.connection !== connection || entry.model !== model);
    this.list = [{ connection, model, at }, ...others].slice(0, KEPT);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.list));
    } catch (error) {
      console.warn('recently used models are not kept', error);
    }
  }
}

function read(): RecentModel[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(list) ? list.filter(isRecent).slice(0, KEPT) : [];
  } catch {
    // Nothing was kept, or not by us.
    return [];
  }
}

function isRecent(value: unknown): value is RecentModel {
  const entry = value as Partial<RecentModel> | null;
  return typeof entry?.connection === 'string' && typeof entry.model === 'string' && typeof entry.at === 'number';
}

export const recentModels = new RecentModels();
