// The second TypeScript SDK, in either era of the protocol; see task.py.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Packages are in the folder where this is run, not beside it.
const require = createRequire(join(process.cwd(), 'index.js'));
const sdk = require('@modelcontextprotocol/client');
const { StdioClientTransport } = require('@modelcontextprotocol/client/stdio');

const task = JSON.parse(readFileSync(0, 'utf8'));

function transport() {
  if (task.transport === 'stdio') {
    const [command, ...args] = task.command;
    return new StdioClientTransport({ command, args, env: process.env });
  }
  const { SSEClientTransport, StreamableHTTPClientTransport } = sdk;
  const Kind = task.transport === 'sse' ? SSEClientTransport : StreamableHTTPClientTransport;
  return new Kind(new URL(task.address));
}

const negotiation = { versionNegotiation: { mode: task.mode } };
const client = new sdk.Client({ name: 'typescript-v2', version: '1' }, negotiation);
await client.connect(transport());
let progress = 0;
const onprogress = () => { progress += 1; };
const done = {
  tools: (await client.listTools()).tools.map((tool) => tool.name),
  prompts: (await client.listPrompts()).prompts.map((prompt) => prompt.name),
  resources: (await client.listResources()).resources.map((resource) => resource.uri),
  results: [],
};
for (const call of task.calls) {
  done.results.push((await client.callTool(call, { onprogress })).structuredContent);
}
await client.close();
process.stdout.write(JSON.stringify({ ...done, progress }));
