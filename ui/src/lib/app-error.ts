import type { AppError } from '../bindings/AppError';
import { errorCopy } from '../features/compare/error-copy';

export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && typeof (error as { kind?: unknown }).kind === 'string';
}

/** One or two sentences for a place that has no room for more. */
export function describeError(error: unknown): string {
  if (isAppError(error)) {
    const { headline, words } = errorCopy(error);
    return words && words !== headline ? `${headline}. ${words}` : headline;
  }
  return error instanceof Error ? error.message : String(error);
}
