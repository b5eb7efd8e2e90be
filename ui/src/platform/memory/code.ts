// The part of the memory host that serves a request as code: curl and two more, enough to look at.
import type { CodeTarget } from '../../bindings/CodeTarget';
import type { CodeVariable } from '../../bindings/CodeVariable';
import type { RequestView } from '../../bindings/RequestView';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type CodeHost = Pick<Host, 'code'>;

const target = (
  id: string,
  language: string,
  library: string,
  syntax: string,
  fileName: string,
  unfit: string | null = null,
): CodeTarget => ({ id, language, library, syntax, fileName, unfit });

const targets: CodeTarget[] = [
  target('curl', 'curl', '', 'shell', 'request.sh'),
  target('python-httpx', 'Python', 'httpx', 'python', 'request.py'),
  target('python-requests', 'Python', 'requests', 'python', 'request.py'),
  target('python-openai', 'Python', 'openai', 'python', 'request.py'),
  target('python-scale-gp', 'Python', 'scale-gp-beta', 'python', 'request.py', 'This is no call of Scale.'),
  target('javascript-fetch', 'JavaScript', 'fetch', 'javascript', 'request.mjs'),
  target('javascript-openai', 'JavaScript', 'openai', 'javascript', 'request.mjs'),
  target('rust-reqwest', 'Rust', 'reqwest', 'rust', 'main.rs'),
  target('http', 'HTTP file', '', 'http', 'request.http'),
  target('har', 'HAR 1.2', '', 'json', 'request.har'),
];

/** As a shell takes it word for word. */
const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const python = (text: string) => `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;

type Header = RequestView['headers'][number];

export function codeHost(host: MemoryHost): CodeHost {
  return {
    async code({ source, target: id, environment, withSecrets, asArguments }) {
      if (withSecrets && !host.settings.codeWithSecrets) {
        throw {
          kind: 'invalid',
          field: 'withSecrets',
          message: 'Code with keys is switched off in Settings, Privacy.',
        };
      }
      const request =
        source.kind === 'lane'
          ? (await host.preview(source.comparison, source.lane)).request
          : (await host.openCell(source.cell)).cell.request;
      if (!request) throw { kind: 'notFound', what: 'request' };
      const proposed = new URL(request.url).hostname.split('.').slice(-2, -1)[0]!.toUpperCase();
      const variables: CodeVariable[] = request.headers
        .filter(({ secret }) => secret)
        .map(
          ({ name }) =>
            environment.find(({ header }) => header === name) ?? { header: name, name: `${proposed}_API_KEY` },
        );
      const secretOf = (header: Header, around: (name: string) => string) => {
        const variable = variables.find(({ header: name }) => name === header.name);
        if (!variable) return header.value;
        return header.value.replace(/•+\S*/, withSecrets ? 'sk-of-the-memory-host' : around(variable.name));
      };
      const composed =
        source.kind === 'lane'
          ? source.comparison
          : (await host.openRun((await host.openCell(source.cell)).cell.run)).snapshot;
      const names = composed.draft.variables.map(({ name }) => name);
      const isProgram = id !== 'http' && id !== 'har';
      const unfit = !isProgram ? 'This takes no arguments' : names.length === 0 ? 'The prompt has no variables' : null;
      return {
        text: id.startsWith('python') ? inPython(request, secretOf) : inCurl(request, secretOf),
        targets,
        environment: variables,
        variables: { names, unfit, taken: asArguments && unfit === null },
        checks: [
          { passed: true, text: `Same ${request.bodyBytes.toLocaleString('en-GB')} body bytes as the request` },
          { passed: id !== 'python-openai', text: 'Reading this code back gives this request' },
          withSecrets
            ? { passed: false, text: 'A key stands in the text' }
            : { passed: true, text: 'No secret in the text' },
        ],
      };
    },
  };
}

type SecretOf = (header: Header, around: (name: string) => string) => string;

function inCurl(request: RequestView, secretOf: SecretOf): string {
  const headers = request.headers.map((header) => {
    const value = secretOf(header, (name) => `'"$${name}"'`);
    return `  -H '${header.name}: ${value}' \\\n`;
  });
  return `curl ${shell(request.url)} \\\n${headers.join('')}  --data-binary ${shell(request.body)}\n`;
}

function inPython(request: RequestView, secretOf: SecretOf): string {
  const headers = request.headers.map((header) => {
    const value = secretOf(header, (name) => `{os.environ['${name}']}`);
    return `    "${header.name}": ${header.secret ? 'f' : ''}"${value}",\n`;
  });
  return [
    'import json, os',
    'import httpx',
    `url = "${request.url}"`,
    `headers = {\n${headers.join('')}}`,
    '# The body exactly as sent: key order and number spelling kept.',
    `body = ${python(request.body)}`,
    '',
    'with httpx.stream("POST", url, headers=headers, content=body.encode(), timeout=60) as r:',
    '    r.raise_for_status()',
    '    for line in r.iter_lines():',
    '        if line.startswith("data: ") and line != "data: [DONE]":',
    '            delta = json.loads(line[6:])["choices"][0]["delta"]',
    '            print(delta.get("content") or "", end="", flush=True)',
    '',
  ].join('\n');
}
