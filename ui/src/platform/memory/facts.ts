// Heads of the answers of the memory host, and what they tell.
import type { Cell } from '../../bindings/Cell';
import type { HeaderView } from '../../bindings/HeaderView';
import type { HeadFact } from '../../bindings/HeadFact';
import type { HeadFactKind } from '../../bindings/HeadFactKind';
import type { ResponseHead } from '../../bindings/ResponseHead';

const header = (name: string, value: string): HeaderView => ({ name, value, secret: false, origin: 'protocol' });

export function answerHeaders({ id, dialect, model }: Cell): HeaderView[] {
  const request = `req_${id.replace(/\W/g, '').slice(0, 10)}`;
  const own: Record<Cell['dialect'], HeaderView[]> = {
    scaleV5: [header('x-request-id', request)],
    scaigridV1: [
      header('x-request-id', request),
      header('x-scaigrid-model', model),
      header('x-scaigrid-backend', 'vllm-eu-2'),
      header('x-ratelimit-remaining-requests', '118'),
    ],
    openAi: [header('x-request-id', request), header('openai-processing-ms', '412')],
  };
  return [
    header('content-type', 'text/event-stream; charset=utf-8'),
    header('date', 'Sat, 21 Nov 2026 09:41:22 GMT'),
    ...own[dialect],
    header('cache-control', 'no-store'),
  ];
}

export function refusalHeaders(request: string | null): HeaderView[] {
  return [header('content-type', 'application/json'), ...(request ? [header('x-request-id', request)] : [])];
}

const told: [RegExp, HeadFactKind][] = [
  [/^x-request-id$/, 'requestId'],
  [/-model$/, 'model'],
  [/-backend$/, 'backend'],
  [/^x-ratelimit-/, 'rateLimit'],
  [/-processing-ms$/, 'serverTime'],
];

export function factsOf(head: ResponseHead | null): HeadFact[] {
  return told.flatMap(([pattern, kind]) =>
    (head?.headers ?? [])
      .filter(({ name }) => pattern.test(name))
      .map(({ name, value }) => ({ kind, header: name, value })),
  );
}
