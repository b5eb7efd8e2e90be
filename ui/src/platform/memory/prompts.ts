// The part of the memory host that keeps prompts as files: it has no folder, and plays what others do in one.
import type { Comparison } from '../../bindings/Comparison';
import type { PromptFile } from '../../bindings/PromptFile';
import type { PromptFileState } from '../../bindings/PromptFileState';
import type { PromptVersion } from '../../bindings/PromptVersion';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

interface PromptsHost extends Pick<
  Host,
  'syncPrompts' | 'settlePrompt' | 'nameVersion' | 'promptVersions' | 'promptVersion'
> {
  /** What somebody else wrote into the file of a comparison. */
  theirs: Map<string, Comparison>;
  /** Files in another state than saved. */
  states: Map<string, PromptFileState>;
}

const folder = '~/prompts';

export function promptsHost(host: MemoryHost): PromptsHost {
  const theirs: PromptsHost['theirs'] = new Map();
  const states: PromptsHost['states'] = new Map();
  const versions = new Map<string, { version: PromptVersion; comparison: Comparison }[]>();

  const of = (id: string) => versions.get(id) ?? [];

  function keep(comparison: Comparison, name: string): PromptVersion {
    const id = `${name} ${of(comparison.id).length + 1}.prompt.json`;
    const version = { id, name, savedAt: Date.now(), path: `${folder}/${id}` };
    versions.set(comparison.id, [{ version, comparison: structuredClone(comparison) }, ...of(comparison.id)]);
    return version;
  }

  return {
    theirs,
    states,
    syncPrompts: async () => {
      const changed: string[] = [];
      const files: PromptFile[] = [];
      for (const { id, name } of host.comparisonRows) {
        const other = theirs.get(id);
        const state: PromptFileState = states.get(id) ?? { kind: 'saved' };
        // Somebody else's text is taken in unless it was said to be a conflict.
        if (other && state.kind === 'saved') {
          await host.saveComparison(other);
          theirs.delete(id);
          changed.push(id);
        }
        files.push({ comparison: id, path: `${folder}/${name}.prompt.json`, state });
      }
      return { folder, files, changed, unread: [] };
    },
    settlePrompt: async (id, side) => {
      const mine = await host.openComparison(id);
      const other = theirs.get(id);
      states.delete(id);
      theirs.delete(id);
      if (!other) return mine;
      keep(side === 'mine' ? other : mine, side === 'mine' ? 'Changed outside' : 'Before the file was taken');
      if (side === 'theirs') await host.saveComparison(other);
      return side === 'mine' ? mine : structuredClone(other);
    },
    nameVersion: async (comparison, name) => {
      await host.saveComparison(comparison);
      return keep(comparison, name.trim());
    },
    promptVersions: (id) => Promise.resolve(of(id).map(({ version }) => version)),
    promptVersion: (id, wanted) => {
      const found = of(id).find(({ version }) => version.id === wanted);
      return found
        ? Promise.resolve(structuredClone(found.comparison))
        : Promise.reject({ kind: 'notFound', what: 'The version' });
    },
  };
}
