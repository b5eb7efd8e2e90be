// Where a result came from, in words.
import type { ToolOrigin } from '../../bindings/ToolOrigin';
import { duration } from '../../lib/format';

/** `by hand`, `by a rule`, `by 127.0.0.1:4000, 200, 12 ms`. */
export function originWords(origin: ToolOrigin, elapsedMs: number | null): string {
  switch (origin.kind) {
    case 'hand':
      return 'by hand';
    case 'rule':
      return 'by a rule';
    case 'http':
      return [
        `by ${hostOf(origin.url)}`,
        ...(origin.status === null ? [] : [String(origin.status)]),
        ...(elapsedMs === null ? [] : [duration(elapsedMs)]),
      ].join(', ');
  }
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
