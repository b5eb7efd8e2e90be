// Calls whose output is no text: what their forms ask for, and the item that goes back.
import type { ItemView } from '../responses/item-view';
import type { Reply } from '../../state/tool-replies.svelte';
import type { Question } from './calls';

/** The item that answers the call, as JSON; `null` while its form is not filled. */
export function itemReply(question: Question, { item, fields }: Pick<Reply, 'item' | 'fields'>): string | null {
  if (item !== null) return item;
  const call = question.calls[0]?.item;
  if (!call) return null;
  const made = FORMS[question.kind]?.(question.id, call, (name) => fields[name] ?? '') ?? null;
  return made === null ? null : JSON.stringify(made);
}

type Field = (name: string) => string;

const FORMS: Readonly<Partial<Record<Question['kind'], (id: string, call: ItemView, field: Field) => object | null>>> =
  {
    computer,
    shell,
    localShell,
    patch,
  };

function computer(id: string, call: ItemView, field: Field): object | null {
  const image = field('image');
  const checks = safetyChecks(call);
  if (image === '' || checks.some(({ id: check }) => field(`check ${check}`) !== 'yes')) return null;
  return {
    type: 'computer_call_output',
    call_id: id,
    output: { type: 'computer_screenshot', image_url: image },
    ...(checks.length > 0 ? { acknowledged_safety_checks: checks.map(({ pointer }) => call.at(pointer)) } : {}),
  };
}

interface SafetyCheck {
  id: string;
  words: string;
  pointer: string;
}

/** What the person has to know of before the model goes on. */
export function safetyChecks(call: ItemView): SafetyCheck[] {
  return call.each('/pending_safety_checks').map((pointer) => {
    const id = call.text(`${pointer}/id`) ?? pointer;
    return { id, pointer, words: call.text(`${pointer}/message`) ?? call.text(`${pointer}/code`) ?? id };
  });
}

/** The commands of a shell call: each has an output of its own. */
export function commandsOf(call: ItemView): string[] {
  const commands = call.texts('/action/commands');
  return commands.length === 0 ? [''] : commands;
}

function shell(id: string, call: ItemView, field: Field): object | null {
  const output = commandsOf(call).map((_, at) => {
    const outcome = outcomeOf(field(`outcome ${at}`), field(`exit ${at}`));
    return outcome && { stdout: field(`stdout ${at}`), stderr: field(`stderr ${at}`), outcome };
  });
  if (output.includes(null)) return null;
  const most = call.at('/action/max_output_length');
  return {
    type: 'shell_call_output',
    call_id: id,
    ...(typeof most === 'number' ? { max_output_length: most } : {}),
    output,
  };
}

function outcomeOf(kind: string, exit: string): object | null {
  if (kind === 'timeout') return { type: 'timeout' };
  const code = exitCode(exit);
  return code === null ? null : { type: 'exit', exit_code: code };
}

/** A whole number, or `null` for anything else. */
export function exitCode(words: string): number | null {
  return /^-?\d{1,9}$/.test(words.trim()) ? Number(words) : null;
}

/** The one call that is named by `id`, and whose output is JSON in a text. */
function localShell(id: string, _: ItemView, field: Field): object | null {
  const code = exitCode(field('exit 0'));
  if (code === null) return null;
  const output = JSON.stringify({ stdout: field('stdout 0'), stderr: field('stderr 0'), exit_code: code });
  return { type: 'local_shell_call_output', id, output };
}

function patch(id: string, _: ItemView, field: Field): object | null {
  const status = field('status');
  if (status === '') return null;
  const output = field('output');
  return { type: 'apply_patch_call_output', call_id: id, status, ...(output === '' ? {} : { output }) };
}
