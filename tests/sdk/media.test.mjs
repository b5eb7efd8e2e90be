// Vectors, pictures and sounds with the official client for JavaScript, unmodified.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import test from 'node:test'

// Packages lie under the cache folder, where a plain import does not look.
const require = createRequire(`${process.env.JUXTA_SDK_NODE}/`)
const { OpenAI, toFile } = require('openai')

const TEXT = 'Good morning, “harbour”. The tide turns at 7:45! Is that clear?'
const client = new OpenAI({
  apiKey: process.env.JUXTA_SANDBOX_TOKEN,
  baseURL: `${process.env.JUXTA_SANDBOX_URL}/oai/v1`,
  // Paced answers would only make the tests slow.
  defaultHeaders: { 'x-sandbox-rate': '0' },
  maxRetries: 0,
})

const speech = async (wanted = {}) => {
  const spoken = await client.audio.speech.create({
    model: 'sandbox/speak',
    voice: 'coral',
    input: TEXT,
    response_format: 'wav',
    ...wanted,
  })
  return Buffer.from(await spoken.arrayBuffer())
}

test('embeddings are the same as numbers and as base64, which the client asks for by itself', async () => {
  const ask = (more) =>
    client.embeddings.create({ model: 'sandbox/embed', input: ['ÿ “x” \\', '東京 👩‍👩‍👧'], dimensions: 64, ...more })
  const [decoded, floats, coded] = await Promise.all([
    ask({}),
    ask({ encoding_format: 'float' }),
    ask({ encoding_format: 'base64' }),
  ])
  for (const at of [0, 1]) {
    const bytes = Buffer.from(coded.data[at].embedding, 'base64')
    assert.deepEqual(Buffer.from(Float32Array.from(floats.data[at].embedding).buffer), bytes)
    assert.deepEqual(Buffer.from(Float32Array.from(decoded.data[at].embedding).buffer), bytes)
    assert.equal(bytes.length, 64 * 4)
  }
  assert.notDeepEqual(floats.data[0].embedding, floats.data[1].embedding)
  assert.ok(floats.usage.total_tokens > 0)
})

test('pictures come as base64 and by address', async () => {
  const wanted = { prompt: 'A red boat', size: '256x256' }
  const drawn = await client.images.generate({ model: 'sandbox/draw', n: 2, response_format: 'b64_json', ...wanted })
  const pictures = drawn.data.map((row) => Buffer.from(row.b64_json, 'base64'))
  assert.equal(pictures.length, 2)
  assert.notDeepEqual(pictures[0], pictures[1])
  for (const picture of pictures) {
    assert.equal(picture.subarray(1, 4).toString(), 'PNG')
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [256, 256])
  }
  assert.ok(drawn.data[0].revised_prompt.startsWith('A red boat'))
  const named = await client.images.generate({ model: 'sandbox/draw-elsewhere', ...wanted })
  const fetched = await fetch(named.data[0].url)
  assert.equal(fetched.headers.get('content-type'), 'image/png')
  assert.equal(Buffer.from(await fetched.arrayBuffer()).subarray(1, 4).toString(), 'PNG')
})

test('what is spoken is transcribed again', async () => {
  for (const format of ['mp3', 'opus', 'aac', 'flac', 'wav']) {
    const file = await toFile(await speech({ response_format: format, speed: 1.25 }), `Grüße "1".${format}`)
    const heard = await client.audio.transcriptions.create({ model: 'sandbox/transcribe', file })
    assert.equal(heard.text, TEXT, format)
  }
})

test('a File is transcribed in every form', async () => {
  const file = new File([await speech()], '東京.wav', { type: 'audio/wav' })
  const ask = (form, more = {}) =>
    client.audio.transcriptions.create({ model: 'sandbox/transcribe', file, response_format: form, ...more })
  const verbose = await ask('verbose_json', { timestamp_granularities: ['word', 'segment'], temperature: 0.2 })
  assert.equal(verbose.text, TEXT)
  assert.deepEqual(
    verbose.words.map((word) => word.word),
    TEXT.split(' '),
  )
  assert.equal(verbose.segments.length, 3)
  assert.equal((await ask('text')).trim(), TEXT)
  assert.match(await ask('srt'), /^1\n00:00:00,150 --> /)
  assert.match(await ask('vtt'), /^WEBVTT\n\n/)
})

test('errors are those of the client', async () => {
  const file = await toFile(Buffer.from('no sound at all'), 'a.wav')
  const refused = (call, status, param) =>
    assert.rejects(call, (error) => error instanceof OpenAI.APIError && error.status === status && error.param === param)
  await refused(client.audio.transcriptions.create({ model: 'sandbox/transcribe', file }), 400, 'file')
  await refused(client.images.generate({ model: 'sandbox/draw', prompt: 'x', n: 11 }), 400, 'n')
  await refused(client.embeddings.create({ model: 'sandbox/embed', input: Array(2049).fill('a') }), 400, 'input')
})
