import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The page is kept by itself; the others are for tools and for the installation of the app. */
const NOT_KEPT = /\.(html|map|json)$|icon-(maskable-)?512|apple-touch/;

/**
 * Makes `sw.js` beside index.html, with the list of all files of this build in it. It has a build of its own, because a service
 * worker is one file without imports, at the root of what it serves.
 */
export function serviceWorker(): Plugin {
  return {
    name: 'im-service-worker',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry)?.fileName;
      if (!entry) return this.error('there is no entry that index.html starts');
      const fixed = readdirSync(new URL('../public', import.meta.url));
      const files = [...Object.keys(bundle), ...fixed]
        .filter((name) => name !== entry && !NOT_KEPT.test(name))
        .sort()
        .map((name) => `/${name}`);
      const source = await buildWorker(`/${entry}`, files);
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}

async function buildWorker(entry: string, files: readonly string[]): Promise<string> {
  const result = await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'warn',
    resolve: { alias: { '@': `${ROOT}src` } },
    define: { __ENTRY__: JSON.stringify(entry), __FILES__: JSON.stringify(files) },
    build: {
      write: false,
      target: 'es2023',
      rolldownOptions: { input: `${ROOT}src/worker/serviceWorker.ts`, output: { format: 'iife' } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    const [chunk] = output.output;
    if (chunk) return chunk.code;
  }
  throw new Error('the service worker was not built');
}
