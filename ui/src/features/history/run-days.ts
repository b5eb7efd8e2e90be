// Where each row of the list stands: days have a line of their own between the rows.
import type { SearchRow } from '../../bindings/SearchRow';
import { startOfDay } from '../../lib/format';

export const heights = { day: 28, row: 48 } as const;

export interface RunDay {
  /** When it begins, Unix milliseconds. */
  at: number;
  /** Index of its first row. */
  from: number;
  count: number;
  /** Pixels from the top of the list to its line. */
  top: number;
}

/** The rows, newest first, divided by day. */
export function runDays(rows: readonly Pick<SearchRow, 'startedAt'>[]): RunDay[] {
  const days: RunDay[] = [];
  let day: RunDay | undefined;
  let ends = -Infinity;
  let begins = Infinity;
  for (const [index, { startedAt }] of rows.entries()) {
    if (day && startedAt >= begins && startedAt < ends) {
      day.count += 1;
      continue;
    }
    const date = new Date(startedAt);
    begins = startOfDay(date);
    ends = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
    day = { at: begins, from: index, count: 1, top: days.length * heights.day + index * heights.row };
    days.push(day);
  }
  return days;
}

/** The last day whose line lies at or above a height. */
function dayIndexAt(days: readonly RunDay[], height: number): number {
  let low = 0;
  let high = days.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((days[middle]?.top ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the row at a height. */
export function rowAt(days: readonly RunDay[], height: number): number {
  const day = days[dayIndexAt(days, height)];
  if (!day) return 0;
  const inside = Math.floor((height - day.top - heights.day) / heights.row);
  return day.from + Math.min(day.count - 1, Math.max(0, inside));
}

/** Pixels from the top of the list to a row. */
export function topOf(days: readonly RunDay[], index: number): number {
  let low = 0;
  let high = days.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((days[middle]?.from ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return (low + 1) * heights.day + index * heights.row;
}

export function totalHeight(days: readonly RunDay[], rows: number): number {
  return days.length * heights.day + rows * heights.row;
}
