import type { ToolResult } from '../../bindings/ToolResult';

/** What a result says, in one text: an approval in words, an item as its JSON. */
export function resultWords({ state }: ToolResult): string {
  if (state.kind !== 'given') return '';
  const { reply } = state;
  switch (reply.kind) {
    case 'output':
      return reply.text;
    case 'approval':
      return `${reply.approve ? 'Approved' : 'Refused'}${reply.reason === '' ? '' : `: ${reply.reason}`}`;
    case 'item':
      return reply.json;
  }
}
