// Places in the arguments of a call, as a rule names them.
import { membersOf, sliceAt } from '../../lib/json-slice';
import { unquote } from '../../lib/json-text';
import type { Tool } from './tool-text';

const DEEPEST = 3;

/** Pointers of the arguments that the schemas of the tools of that name know, nested objects among them. */
export function argumentPointers(tools: readonly Tool[], name: string): string[] {
  const found = tools
    .filter((tool) => tool.name === name && tool.parameters?.startsWith('{'))
    .flatMap(({ parameters }) => propertyPointers(parameters ?? '{}', '', 1));
  return [...new Set(found)];
}

function propertyPointers(schema: string, pointer: string, depth: number): string[] {
  const properties = schema.startsWith('{') ? sliceAt(schema, '/properties') : null;
  if (!properties?.startsWith('{') || depth > DEEPEST) return [];
  return membersOf(properties).flatMap(({ name, json }) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const isObject = unquote(sliceAt(json, '/type') ?? '') === 'object';
    return isObject ? propertyPointers(json, at, depth + 1) : [at];
  });
}

/** What is wrong with a JSON pointer, or `null`. */
export function pointerProblem(pointer: string): string | null {
  if (pointer === '' || pointer.startsWith('/')) {
    return /~(?![01])/.test(pointer) ? 'In a pointer ~ is written ~0 and / in a name ~1' : null;
  }
  return `A place begins with a slash: /${pointer}`;
}
