// One item of every kind that a response can put out, as a server would spell it.
import { picture } from './picture';

const answer =
  'The **Nordlys rear light** in order NL-20418 is covered for two years, so a refund is possible.[1]\n\nReply with a photo of the charging port and the refund starts.';

/** Texts that stream; the rest of an item comes whole. */
export interface Sample {
  item: Record<string, unknown> & { type: string };
  text?: string;
  reasoning?: string;
  refusal?: string;
  /** What a tool is given. */
  given?: string;
}

const patch = `@@ -1,4 +1,5 @@
 export const warranty = {
-  years: 1,
+  years: 2,
+  refund: true,
 };
`;

let made: Sample[] | null = null;

/** All kinds of the published list, one each, in its order. */
export function samples(): readonly Sample[] {
  made ??= make();
  return made;
}

export function sample(type: string): Sample {
  const found = samples().find(({ item }) => item.type === type);
  if (!found) throw new Error(`no sample of ${type}`);
  return found;
}

function make(): Sample[] {
  const calls = (given: string) => ({ given });
  return [
    {
      item: {
        id: 'msg_01',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text: answer,
            annotations: [
              {
                type: 'url_citation',
                url: 'https://nordlys.example/warranty?lang=en',
                title: 'Warranty of Nordlys lights',
                start_index: 4,
                end_index: 26,
              },
              { type: 'file_citation', file_id: 'file-7Qm2', filename: 'warranty-2026.pdf', index: 96 },
            ],
          },
        ],
      },
      text: answer,
    },
    {
      item: {
        id: 'fs_01',
        type: 'file_search_call',
        status: 'completed',
        queries: ['warranty rear light', 'refund “seven weeks”'],
        results: [
          {
            file_id: 'file-7Qm2',
            filename: 'warranty-2026.pdf',
            score: 0.9312,
            text: 'Lights are covered for 24 months from the day of delivery.',
            attributes: {},
          },
        ],
      },
    },
    {
      item: {
        id: 'fc_01',
        type: 'function_call',
        status: 'completed',
        call_id: 'call_9fK2',
        name: 'find_order',
        arguments: '{"order":"NL-20418","fields":["status","price"],"limit":1.0}',
      },
      ...calls('{"order":"NL-20418","fields":["status","price"],"limit":1.0}'),
    },
    {
      item: {
        id: 'fco_01',
        type: 'function_call_output',
        status: 'completed',
        call_id: 'call_9fK2',
        name: 'find_order',
        output: '{"status":"delivered","price":49.90}',
      },
    },
    {
      item: {
        id: 'ws_01',
        type: 'web_search_call',
        status: 'completed',
        action: {
          type: 'search',
          query: 'bicycle light warranty EU',
          sources: [{ type: 'url', url: 'https://europa.example/consumer/guarantees' }],
        },
      },
    },
    {
      item: {
        id: 'cu_01',
        type: 'computer_call',
        status: 'completed',
        call_id: 'call_cu1',
        action: { type: 'click', button: 'left', x: 412, y: 96 },
        actions: [
          { type: 'type', text: 'NL-20418' },
          { type: 'keypress', keys: ['CTRL', 'L'] },
        ],
        pending_safety_checks: [
          { id: 'sc_1', code: 'malicious_instructions', message: 'The page asks for a password.' },
        ],
      },
    },
    {
      item: {
        id: 'cuo_01',
        type: 'computer_call_output',
        status: 'completed',
        call_id: 'call_cu1',
        output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${picture(0.4)}` },
        acknowledged_safety_checks: [{ id: 'sc_1', message: 'The page asks for a password.' }],
      },
    },
    {
      item: {
        id: 'rs_01',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Seven weeks is inside the warranty.' }],
        encrypted_content: 'gAAAAABo1xk7m3fT0q',
      },
      reasoning: 'Seven weeks is inside the warranty. The person wants money back, so one step is offered: a photo.',
    },
    {
      item: {
        id: 'ts_01',
        type: 'tool_search_call',
        status: 'completed',
        call_id: null,
        execution: 'server',
        arguments: { query: 'orders', limit: 3 },
      },
    },
    {
      item: {
        id: 'tso_01',
        type: 'tool_search_output',
        status: 'completed',
        call_id: null,
        execution: 'server',
        tools: [
          { type: 'function', name: 'find_order' },
          { type: 'mcp', server_label: 'shop' },
        ],
      },
    },
    { item: { id: 'cmp_01', type: 'compaction', encrypted_content: 'gAAAAABo2hS9' } },
    {
      item: {
        id: 'ig_01',
        type: 'image_generation_call',
        status: 'completed',
        result: picture(),
        revised_prompt: 'A rear light at dusk, drawn flat',
        size: '144x96',
        quality: 'low',
        output_format: 'png',
      },
    },
    {
      item: {
        id: 'ci_01',
        type: 'code_interpreter_call',
        status: 'completed',
        container_id: 'cntr_77',
        code: 'weeks = 7\nprint(weeks / 52 < 2)',
        outputs: [
          { type: 'logs', logs: 'True' },
          { type: 'image', url: 'https://files.example/plot.png' },
        ],
      },
      ...calls('weeks = 7\nprint(weeks / 52 < 2)'),
    },
    {
      item: {
        id: 'ls_01',
        type: 'local_shell_call',
        status: 'completed',
        call_id: 'call_ls1',
        action: {
          type: 'exec',
          command: ['grep', '-rn', 'two years', 'docs/warranty.md'],
          env: { LANG: 'C' },
          timeout_ms: 5000,
          working_directory: '/shop',
        },
      },
    },
    {
      item: {
        id: 'lso_01',
        type: 'local_shell_call_output',
        status: 'completed',
        output: '{"stdout":"docs/warranty.md:3: two years","exit_code":0}',
      },
    },
    {
      item: {
        id: 'sh_01',
        type: 'shell_call',
        status: 'completed',
        call_id: 'call_sh1',
        action: { commands: ['ls -la orders/', 'cat orders/NL-20418.json'], timeout_ms: null, max_output_length: 4096 },
      },
    },
    {
      item: {
        id: 'sho_01',
        type: 'shell_call_output',
        status: 'completed',
        call_id: 'call_sh1',
        max_output_length: 4096,
        output: [
          { stdout: 'NL-20418.json\n', stderr: '', outcome: { type: 'exit', exit_code: 0 } },
          { stdout: '', stderr: 'cat: permission denied', outcome: { type: 'exit', exit_code: 1 } },
          { stdout: '', stderr: '', outcome: { type: 'timeout' } },
        ],
      },
    },
    {
      item: {
        id: 'ap_01',
        type: 'apply_patch_call',
        status: 'completed',
        call_id: 'call_ap1',
        operation: { type: 'update_file', path: 'src/warranty.ts', diff: patch },
      },
    },
    {
      item: {
        id: 'apo_01',
        type: 'apply_patch_call_output',
        status: 'failed',
        call_id: 'call_ap1',
        output: 'Hunk 1 does not apply at line 2.',
      },
    },
    {
      item: {
        id: 'mc_01',
        type: 'mcp_call',
        status: 'failed',
        server_label: 'shop',
        name: 'refund',
        arguments: '{"order":"NL-20418","amount":49.90}',
        error: { type: 'mcp_tool_execution_error', message: 'The till is closed.' },
      },
      ...calls('{"order":"NL-20418","amount":49.90}'),
    },
    {
      item: {
        id: 'ml_01',
        type: 'mcp_list_tools',
        server_label: 'shop',
        tools: [
          { name: 'find_order', description: 'Finds an order by its number.', input_schema: { type: 'object' } },
          { name: 'refund', input_schema: { type: 'object' } },
        ],
      },
    },
    {
      item: {
        id: 'ma_01',
        type: 'mcp_approval_request',
        server_label: 'shop',
        name: 'refund',
        arguments: '{"order":"NL-20418","amount":49.90}',
      },
    },
    {
      item: {
        id: 'mar_01',
        type: 'mcp_approval_response',
        approval_request_id: 'ma_01',
        approve: false,
        reason: 'The amount is too high.',
      },
    },
    {
      item: {
        id: 'ct_01',
        type: 'custom_tool_call',
        call_id: 'call_ct1',
        name: 'sql',
        input: "SELECT * FROM orders WHERE id = 'NL-20418';",
      },
      ...calls("SELECT * FROM orders WHERE id = 'NL-20418';"),
    },
    {
      item: {
        id: 'cto_01',
        type: 'custom_tool_call_output',
        status: 'completed',
        call_id: 'call_ct1',
        output: [{ type: 'input_text', text: 'one row' }],
      },
    },
  ];
}

/** A kind that no document names. */
export const unknownSample: Sample = {
  item: { id: 'pr_01', type: 'program', status: 'incomplete', code: 'return 7', fingerprint: 'f1' },
};

/** An answer of generic inference that is a JSON value; `json` is how it is spelled. */
export const valueSample: Sample = {
  item: {
    type: 'value',
    json: '{"label": "refund", "confidence": 0.9700, "alternatives": ["exchange", null], "final": true}',
  },
};
