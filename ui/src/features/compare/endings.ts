import type { Outcome } from '../../bindings/Outcome';

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

/** Why a response is incomplete. */
const INCOMPLETE: Readonly<Record<string, string>> = {
  max_output_tokens: 'Cut off at the token limit',
  content_filter: "Stopped by the server's content filter",
};

/** How a response stands that did not end in the usual way. */
const STANDINGS: Readonly<Record<string, string>> = {
  queued: 'The server has queued the response and goes on without this call',
  in_progress: 'The server works on the response and goes on without this call',
  cancelled: 'The response was cancelled on the server',
  failed: 'The response failed on the server',
  incomplete: 'The response is incomplete',
};

interface Ending {
  words: string;
  /** As the server spelled it. */
  reason: string;
}

/** What a response says of its own end; `null` when it is complete, or the answer is no response. */
export function responseEnding({ status, incompleteReason }: Outcome): Ending | null {
  if (status === null || status === 'completed') return null;
  if (incompleteReason !== null)
    return { words: INCOMPLETE[incompleteReason] ?? 'The response is incomplete', reason: incompleteReason };
  return { words: STANDINGS[status] ?? 'The response ended', reason: status };
}

export function ending(reason: string | null): Ending | null {
  if (reason === null || PLAIN.has(reason.toLowerCase())) return null;
  return { words: ENDINGS[reason.toLowerCase()] ?? 'Ended', reason };
}
