// Runs each module of a folder as it stands, in this one process. Writes what each printed, or how it failed, as JSON.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [node, , folder, ...values] = process.argv
const results = {}
const write = process.stdout.write
for (const name of readdirSync(folder).sort()) {
  if (!name.endsWith('.mjs')) continue
  process.argv = [node, join(folder, name), ...values]
  let printed = ''
  let error = null
  process.stdout.write = (text) => {
    printed += text
    return true
  }
  try {
    await import(pathToFileURL(join(folder, name)))
  } catch (problem) {
    error = String(problem?.stack ?? problem)
  }
  process.stdout.write = write
  results[name.slice(0, -4)] = { printed, error }
}
writeFileSync(join(folder, 'results.json'), JSON.stringify(results))
