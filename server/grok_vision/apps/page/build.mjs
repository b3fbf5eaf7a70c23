// Bundles a script with what it imports, and puts it with its style into a page of one file.
// scripts/build-page calls it: node build.mjs SCRIPT TEMPLATE STYLE OUTPUT DIGEST
// (STYLE may be empty). The licences of the packages inside go to a text beside the output.

import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const [script, template, style, output, digest] = process.argv.slice(2);

/** Leaves out what no page uses: 320 of 650 kB, such as OAuth and error messages in 50 languages. */
const lean = {
  name: "lean",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /locales\/index\.js$/ }, () => ({
      path: "locales",
      namespace: "left-out",
    }));
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "export {}" }));
    onResolve({ filter: /.*/ }, async ({ path, pluginData, kind, ...from }) => {
      if (pluginData === "resolved" || kind === "entry-point") return undefined;
      const found = await resolve(path, { ...from, kind, pluginData: "resolved" });
      // These two only define things; their package.json does not say so.
      const pure = /@modelcontextprotocol[\\/](client|core)[\\/]/.test(found.path);
      return pure ? { ...found, sideEffects: false } : found;
    });
  },
};

const options = {
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  minify: true,
  nodePaths: [join(HERE, "node_modules")],
  target: ["es2022", "chrome123", "firefox128", "safari17.5"],
  write: false,
};

async function bundled(path, more) {
  const { outputFiles, metafile } = await build({ ...options, ...more, entryPoints: [path] });
  return { text: outputFiles[0].text.trim(), inputs: Object.values(metafile.outputs)[0].inputs };
}

/** Name the packages of which something is inside. */
function packagesOf(inputs) {
  const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

async function licenseOf(name) {
  const folder = join(HERE, "node_modules", name);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const text = (await readFile(join(folder, "LICENSE"), "utf8")).trim();
  return { title: `${name} ${version}`, text };
}

/** Each text once, below the names of those that it is for. */
function joined(licenses) {
  const texts = new Map();
  for (const { title, text } of licenses) texts.set(text, [...(texts.get(text) ?? []), title]);
  const parts = [...texts].map(([text, titles]) => `${titles.join(", ")}\n\n${text}\n`);
  return parts.join(`\n${"=".repeat(79)}\n\n`);
}

const { text, inputs } = await bundled(script, {
  format: "esm",
  platform: "browser",
  plugins: [lean],
});
const licenses = await Promise.all(packagesOf(inputs).map(licenseOf));
const beside = output.replace(/\.html$/, ".licenses.txt");
const parts = {
  digest,
  packages: `Holds ${licenses.map(({ title }) => title).join(", ")}; licences in ${basename(beside)}.`,
  script: text,
  style: style && (await bundled(style)).text,
};
const page = await readFile(template, "utf8");
await writeFile(
  output,
  page.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]),
);
await writeFile(beside, joined(licenses));
