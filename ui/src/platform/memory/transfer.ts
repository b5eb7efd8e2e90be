// The part of the memory host that serves files: it says what it would have written, and reads the simplest of each kind.
import type { Comparison } from '../../bindings/Comparison';
import type { ExportFormat } from '../../bindings/ExportFormat';
import type { ExportSubject } from '../../bindings/ExportSubject';
import type { Imported } from '../../bindings/Imported';
import type { RunSummary } from '../../bindings/RunSummary';
import { newId } from '../../lib/ids';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { refundReply } from './data';

export interface TransferHost extends Pick<Host, 'exportRuns' | 'saveText' | 'savePicture' | 'importData'> {
  /** Everything that was written, newest last. */
  files: { path: string; text: string }[];
}

const folder = '~/Downloads';
const endings: Record<ExportFormat, string> = { har: 'har', jsonl: 'jsonl', body: 'txt', bundle: 'juxta' };

const bad = (message: string) => ({ kind: 'invalid' as const, field: 'data', message });

export function transferHost(host: MemoryHost): TransferHost {
  const files: TransferHost['files'] = [];

  function write(name: string, text: string) {
    const taken = new Set(files.map(({ path }) => path));
    const dot = name.lastIndexOf('.');
    let path = `${folder}/${name}`;
    for (let number = 2; taken.has(path); number += 1)
      path = `${folder}/${name.slice(0, dot)} (${number})${name.slice(dot)}`;
    files.push({ path, text });
    return { path, bytes: new TextEncoder().encode(text).length };
  }

  async function cellsOf(subject: ExportSubject) {
    if (subject.kind === 'cell') return [(await host.openCell(subject.cell)).cell];
    return (await Promise.all(subject.runs.map((run) => host.openRun(run)))).flatMap(({ cells }) => cells);
  }

  async function fromHar(text: string, imported: Imported): Promise<Imported> {
    const log = (JSON.parse(text) as { log?: { entries?: { startedDateTime?: string }[] } }).log;
    if (!log?.entries) throw bad('This is JSON, but no HAR: it has no log.entries.');
    const runs = log.entries.map((entry): RunSummary => ({
      id: newId(),
      comparison: refundReply.id,
      name: 'From HAR',
      startedAt: Date.parse(entry.startedDateTime ?? '') || Date.now(),
      lanes: 1,
      endpoint: 'chat',
      cells: 1,
      finished: 1,
      unfinished: 0,
      live: false,
      starred: false,
      note: '',
    }));
    host.runRows = [...runs, ...host.runRows];
    return { ...imported, format: 'HAR', runs };
  }

  async function fromLines(text: string, imported: Imported): Promise<Imported> {
    const drafts: Comparison[] = text
      .split('\n')
      .map((line, index) => ({ line: line.trim(), number: index + 1 }))
      .filter(({ line }) => line !== '')
      .map(({ line, number }) => {
        try {
          const { custom_id: name } = JSON.parse(line) as { custom_id?: string };
          return { ...structuredClone(refundReply), id: newId(), name: name ?? `Line ${number}` };
        } catch {
          throw bad(`Line ${number} is not JSON. Nothing was imported.`);
        }
      });
    const [first, ...rest] = drafts;
    const saved = await Promise.all(rest.map((draft) => host.saveComparison(draft)));
    const [connection] = host.connections;
    if (!first || !connection) throw bad('There is nothing in it.');
    return { ...imported, format: 'JSONL', draft: { connection, isNewConnection: false, comparison: first }, saved };
  }

  return {
    files,
    async exportRuns(subject, format) {
      const cells = await cellsOf(subject);
      const text =
        format === 'body'
          ? (cells[0]?.outcome.choices[0]?.text ?? '')
          : cells.map((cell) => JSON.stringify({ custom_id: cell.id, body: cell.request?.body })).join('\n');
      return write(`juxta-refund-reply-2026-11-21-1422.${endings[format]}`, text);
    },
    async saveText(fileName, text) {
      return write(fileName, text);
    },
    async savePicture(fileName, picture) {
      return write(fileName, new TextDecoder('latin1').decode(picture));
    },
    async importData(_name, data) {
      const text = new TextDecoder().decode(data).trim();
      const nothing: Imported = { format: '', draft: null, saved: [], runs: [], keysFound: [], unknown: [] };
      if (text === '') throw bad('There is nothing in it.');
      if (/^curl\b/.test(text)) {
        const { keysFound, unknown, ...draft } = await host.importCurl(text);
        return { ...nothing, format: 'curl', draft, keysFound, unknown };
      }
      if (!text.startsWith('{')) throw bad('Line 1 is neither a curl command, nor HAR, JSONL or a bundle.');
      if (/"log"\s*:/.test(text)) return await fromHar(text, nothing);
      return await fromLines(text, nothing);
    },
  };
}
