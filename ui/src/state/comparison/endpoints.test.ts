import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../bindings/Comparison';
import type { EndpointKind } from '../../bindings/EndpointKind';
import { MemoryHost } from '../../platform/memory';
import { connections } from '../../platform/memory/data';
import { ComparisonController } from '../comparison.svelte';
import { endpointsOf } from './endpoints';
import { newComparison, newLane } from './new';
import { overrideName } from './parameters';

const host = new MemoryHost();
const { tables } = await host.bootstrap();
const controller = () => new ComparisonController(host, { connections, tables });

function opened(...endpoints: EndpointKind[]): ComparisonController {
  const lanes = endpoints.map((endpoint) => newLane('sandbox-openAi', 'm', endpoint));
  const comparison: Comparison = { ...newComparison('Mixed', lanes[0]!, null), lanes };
  comparison.draft.parameters = [
    { name: 'temperature', json: '0.20' },
    { name: 'max_completion_tokens', json: '400' },
    { name: 'seed', json: '7' },
    { name: 'house_key', json: '"as it is"' },
  ];
  const made = controller();
  made.open(comparison);
  return made;
}
const draft = (of: ComparisonController) => of.comparison.draft.parameters.map(({ name, json }) => `${name}=${json}`);
const sends = (of: ComparisonController, lane: number) =>
  of.effective(of.comparison.lanes[lane]!.id).map(({ name, json }) => `${name}=${json}`);

describe('the endpoint of a lane', () => {
  it('is one that its dialect has', () => {
    const names = (dialect: Parameters<typeof endpointsOf>[1]) =>
      endpointsOf(tables, dialect).map(({ endpoint }) => endpoint);
    expect(names('scaleV5')).toEqual(['chat', 'responses', 'generic', 'completions']);
    expect(names('scaigridV1')).toEqual(['chat', 'generate']);
    expect(names('openAi')).toEqual(['chat', 'responses', 'completions']);
  });

  it('changes without unsetting what the draft says', async () => {
    const made = opened('chat', 'chat');
    const lane = made.comparison.lanes[1]!;
    await made.endpoints.set(lane.id, 'responses');
    expect(lane.endpoint).toBe('responses');
    expect(lane.overrides).toEqual([]);
  });

  it('puts aside what was said to the old one alone, and takes it out again', async () => {
    const made = opened('chat', 'responses');
    const lane = made.comparison.lanes[1]!;
    made.setParameter(lane.id, 'max_output_tokens', '50');
    made.setParameter(lane.id, 'temperature', '1.0');
    await made.endpoints.set(lane.id, 'chat');
    expect(lane.overrides.map(overrideName)).toEqual(['temperature']);
    await made.endpoints.set(lane.id, 'responses');
    expect(lane.overrides.map(overrideName)).toEqual(['temperature', 'max_output_tokens']);
  });

  it('of the base puts the draft into other words, and the other lanes send what they sent', async () => {
    const made = opened('chat', 'chat', 'responses');
    await made.endpoints.set(made.comparison.lanes[0]!.id, 'responses');
    expect(draft(made)).toEqual(['temperature=0.20', 'max_output_tokens=400', 'house_key="as it is"']);
    expect(sends(made, 1)).toEqual(
      expect.arrayContaining(['temperature=0.20', 'max_completion_tokens=400', 'seed=7', 'house_key="as it is"']),
    );
    expect(sends(made, 1)).toHaveLength(4);
    expect(made.comparison.lanes[2]!.overrides, 'it follows the draft, which is in its words now').toEqual([]);
    await made.endpoints.set(made.comparison.lanes[0]!.id, 'chat');
    expect(draft(made).sort()).toEqual([
      'house_key="as it is"',
      'max_completion_tokens=400',
      'seed=7',
      'temperature=0.20',
    ]);
  });

  it('is a chat where a connection has no other', async () => {
    const made = opened('chat', 'responses');
    const lane = made.comparison.lanes[1]!;
    made.setConnection(lane.id, 'sandbox-scaigridV1', 'other');
    await Promise.resolve();
    await Promise.resolve();
    expect(lane).toMatchObject({ endpoint: 'chat', connection: 'sandbox-scaigridV1', model: 'other' });
  });

  it('of a lane that becomes the base makes the draft what the engine said it sends', async () => {
    const made = opened('chat', 'responses', 'chat');
    const [, second] = made.comparison.lanes;
    const preview = await host.preview(made.snapshot(), second!.id);
    made.endpoints.note(second!.id, made.revision, preview.request);
    made.moveLane(second!.id, 0);
    expect(draft(made)).toEqual(['temperature=0.20', 'max_output_tokens=400', 'house_key="as it is"']);
    for (const lane of [1, 2])
      expect(sends(made, lane)).toEqual(expect.arrayContaining(['max_completion_tokens=400', 'seed=7']));
  });
});

describe('going on from a response', () => {
  it('is said by the one lane alone, also when it is the base', () => {
    const made = opened('responses', 'responses', 'chat');
    made.endpoints.continueFrom(made.comparison.lanes[0]!.id, 'resp_1');
    expect(sends(made, 0)).toContain('previous_response_id="resp_1"');
    expect(sends(made, 1).join()).not.toContain('previous_response_id');
    made.endpoints.continueFrom(made.comparison.lanes[1]!.id, 'resp_2');
    expect(sends(made, 0)).toContain('previous_response_id="resp_1"');
    expect(sends(made, 1)).toContain('previous_response_id="resp_2"');
  });
});
