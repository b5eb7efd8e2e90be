// A comparison as texts that can be laid side by side.
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Message } from '../../bindings/Message';
import type { Parameter } from '../../bindings/Parameter';
import type { Part } from '../../bindings/Part';
import { count } from '../../lib/format';
import { laneLetter } from '../../state/comparison/lanes';

export interface Section {
  title: string;
  text: string;
}

/** One for each message, and one each for parameters, variables and lanes. Empty ones are left out. */
export function sections(comparison: Comparison): Section[] {
  const { messages, parameters, variables } = comparison.draft;
  return [
    { title: 'Name', text: comparison.name },
    ...messageSections(messages),
    { title: 'Parameters', text: parameterLines(parameters) },
    { title: 'Variables', text: variables.map(({ name, value }) => `${name} = ${value}`).join('\n') },
    ...comparison.lanes.flatMap((lane, index) => laneSections(lane, laneLetter(index))),
    { title: 'Repeat', text: comparison.repeats === 1 ? '' : String(comparison.repeats) },
  ].filter(({ text }) => text !== '');
}

/** Roles are counted, so that the second message of a person is held against the second one. */
function messageSections(messages: readonly Message[], where = ''): Section[] {
  const seen = new Map<string, number>();
  return messages.map((message) => {
    const number = (seen.get(message.role) ?? 0) + 1;
    seen.set(message.role, number);
    const role = message.role.charAt(0).toUpperCase() + message.role.slice(1);
    const title = `${role} message${number > 1 ? ` ${number}` : ''}${where}${message.muted ? ', muted' : ''}`;
    return { title, text: messageText(message) };
  });
}

function messageText({ content, members }: Message): string {
  const text =
    content.kind === 'text' ? content.text : content.kind === 'parts' ? content.parts.map(partText).join('\n\n') : '';
  return [text, parameterLines(members)].filter((part) => part !== '').join('\n\n');
}

function partText(part: Part): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'image':
      return `[image] ${shortened(part.url)}${part.detail === null ? '' : `\ndetail: ${part.detail}`}`;
    case 'audio':
      return `[audio] ${part.format} ${shortened(part.data)}`;
    case 'file': {
      const { name, id, url, data } = part;
      const said = [name, id, url, data === null ? null : shortened(data)].filter((one) => one !== null);
      return `[file] ${said.join(' ')}`;
    }
    case 'raw':
      return part.json;
  }
}

/** What nobody reads as letters: enough of it to tell one from another. */
function shortened(data: string): string {
  return data.length <= 200 ? data : `${data.slice(0, 64)}…${data.slice(-24)} (${count(data.length)} characters)`;
}

const parameterLines = (parameters: readonly Parameter[]) =>
  parameters.map(({ name, json }) => `${name}: ${json}`).join('\n');

function laneSections(lane: Lane, letter: string): Section[] {
  const overrides = lane.overrides.map((override) =>
    override.kind === 'set' ? `${override.parameter.name}: ${override.parameter.json}` : `${override.name}: unset`,
  );
  const facts = [`${lane.endpoint} ${lane.model}`, ...overrides, ...(lane.rawBody === null ? [] : [lane.rawBody])];
  return [
    { title: `Lane ${letter}`, text: facts.join('\n') },
    ...messageSections(lane.forkedMessages ?? [], ` of lane ${letter}`),
  ];
}
