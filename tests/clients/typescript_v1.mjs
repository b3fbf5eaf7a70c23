// The first TypeScript SDK, which most hosts of today are built on; see task.py.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Packages are in the folder where this is run, not beside it.
const require = createRequire(join(process.cwd(), 'index.js'));
const sdk = (name) => require(`@modelcontextprotocol/sdk/client/${name}.js`);

const task = JSON.parse(readFileSync(0, 'utf8'));
const { Client } = sdk('index');

function transport() {
  if (task.transport === 'stdio') {
    const [command, ...args] = task.command;
    return new (sdk('stdio').StdioClientTransport)({ command, args, env: process.env });
  }
  const { SSEClientTransport } = sdk('sse');
  const { StreamableHTTPClientTransport } = sdk('streamableHttp');
  const Kind = task.transport === 'sse' ? SSEClientTransport : StreamableHTTPClientTransport;
  return new Kind(new URL(task.address));
}

const client = new Client({ name: 'typescript-v1', version: '1' });
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
  done.results.push((await client.callTool(call, undefined, { onprogress })).structuredContent);
}
await client.close();
process.stdout.write(JSON.stringify({ ...done, progress }));
