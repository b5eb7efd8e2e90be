/** What a finish reason means. A plain stop needs no words; one we do not know is shown as the server spelled it. */
const ENDINGS: Readonly<Record<string, string>> = {
  length: 'Cut off at the token limit',
  max_tokens: 'Cut off at the token limit',
  content_filter: "Stopped by the server's content filter",
  tool_calls: 'Waits for the results of its tool calls',
  tool_use: 'Waits for the results of its tool calls',
  function_call: 'Waits for the result of its function call',
};

const PLAIN = new Set(['stop', 'end_turn', 'eos', 'eos_token', 'stop_sequence']);

export function ending(reason: string | null): { words: string; reason: string } | null {
  if (reason === null || PLAIN.has(reason.toLowerCase())) return null;
  return { words: ENDINGS[reason.toLowerCase()] ?? 'Ended', reason };
}
