// The part of the memory host that knows one answer by a schema, and the one fault that it has.
import type { RequestView } from '../../bindings/RequestView';
import type { SchemaFault } from '../../bindings/SchemaFault';
import { isLive } from '../../state/runs/live-cell.svelte';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export const structuredAnswer =
  '{\n  "order": "NL-20418",\n  "customer": "Maren 🌊",\n  "items": [\n    { "name": "rear light", "colour": "red", "price": 49.9 },\n    { "name": "mount", "colour": "blue", "price": 12.5 }\n  ],\n  "refund": true,\n  "next_step": "Reply with a photo of the serial number, which is printed under the mount."\n}';

/** What is wrong with it. */
const wrong = '"blue"';

export function asksForSchema(request: RequestView): boolean {
  return request.keys.some(
    ({ name, json }) => (name === 'response_format' || name === 'text') && json.includes('json_schema'),
  );
}

export function schemaHost(host: MemoryHost): Pick<Host, 'schemaCheck'> {
  return {
    async schemaCheck(id, index) {
      const { cell } = await host.openCell(id);
      const text = cell.outcome.choices.find((choice) => choice.index === index)?.text ?? '';
      if (!cell.request || !asksForSchema(cell.request)) return null;
      const start = text.indexOf(wrong);
      const faults: SchemaFault[] = start < 0 ? [] : [faultAt(start)];
      const growing = isLive(cell) || cell.state.kind === 'replaying';
      const isWhole = text === structuredAnswer;
      return {
        name: 'order_schema',
        hasSchema: true,
        state: growing
          ? { kind: 'growing' }
          : isWhole
            ? { kind: 'invalid' }
            : { kind: 'cutOff', pointer: '/items/1', offset: text.length, within: 'object' },
        faults,
        faultCount: faults.length,
        notChecked: [],
      };
    },
  };
}

function faultAt(start: number): SchemaFault {
  return {
    start,
    end: start + wrong.length,
    pointer: '/items/1/colour',
    schemaPointer: '/properties/items/items/properties/colour/enum',
    keyword: 'enum',
    message: 'Expected one of "red" or "green", got the string "blue"',
  };
}
