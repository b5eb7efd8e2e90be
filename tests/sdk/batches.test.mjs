// Batches with the official client for JavaScript, unmodified.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import test from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

// Packages lie under the cache folder, where a plain import does not look.
const require = createRequire(`${process.env.JUXTA_SDK_NODE}/`)
const { OpenAI, toFile } = require('openai')

const client = new OpenAI({
  apiKey: process.env.JUXTA_SANDBOX_TOKEN,
  baseURL: `${process.env.JUXTA_SANDBOX_URL}/oai/v1`,
  maxRetries: 0,
})

test('a batch is submitted, asked for, listed and read', async () => {
  const ids = Array.from({ length: 9 }, (_, at) => `row “${at}” \\ 東京`)
  const rows = ids.map((id) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'sandbox/echo', messages: [{ role: 'user', content: id }] },
  }))
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'rows.jsonl'), purpose: 'batch' })
  assert.equal(await (await client.files.content(file.id)).text(), text)
  const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
  let batch = await client.batches.create({ ...wanted, metadata: { sandbox: 'shuffled' } })
  while (batch.status !== 'completed') {
    assert.ok(['validating', 'in_progress', 'finalizing'].includes(batch.status), batch.status)
    await wait(50)
    batch = await client.batches.retrieve(batch.id)
  }
  assert.deepEqual(batch.request_counts, { total: 9, completed: 9, failed: 0 })
  const lines = (await (await client.files.content(batch.output_file_id)).text()).trim().split('\n')
  const answers = lines.map((line) => JSON.parse(line))
  assert.deepEqual(answers.map((line) => line.custom_id).sort(), ids.toSorted())
  for (const line of answers) assert.equal(line.response.body.choices[0].message.content, line.custom_id)
  const listed = []
  for await (const one of client.batches.list({ limit: 1 })) listed.push(one.id)
  assert.equal(listed[0], batch.id)
  await assert.rejects(client.batches.cancel(batch.id), OpenAI.ConflictError)
})
