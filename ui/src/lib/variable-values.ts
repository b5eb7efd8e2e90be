// Which values a variable may have, by its kind, as the engine sees it.
import type { VariableKind } from '../bindings/VariableKind';

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Why `value` does not fit, with the name in it, or `null`. Nothing is said of an empty one. */
export function valueProblem(name: string, kind: VariableKind, value: string): string | null {
  if (value === '' || kind.kind === 'text') return null;
  const alone = value.trim();
  switch (kind.kind) {
    case 'number':
      return NUMBER.test(alone) ? null : `${name} is no number`;
    case 'boolean':
      return ['true', 'false'].includes(alone.toLowerCase()) ? null : `${name} is neither true nor false`;
    case 'json':
      return isJson(alone) ? null : `${name} is no JSON`;
    case 'choice':
      return kind.options.includes(value) ? null : `${name} is none of its options`;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
