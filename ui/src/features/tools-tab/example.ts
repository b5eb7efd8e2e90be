import type { EndpointKind } from '../../bindings/EndpointKind';
import { compact } from '../../lib/json-edit';
import { quote } from '../../lib/json-text';
import { inferSchema } from '../schema/infer';
import { spelledFor } from './tool-text';

/** A function whose arguments look like these; they must be JSON. */
export function toolFromExample(name: string, example: string, endpoint: EndpointKind): string {
  const schema = compact(inferSchema(example) ?? '{"type":"object"}');
  return spelledFor(`{"type":"function","name":${quote(name.trim())},"parameters":${schema}}`, endpoint);
}
