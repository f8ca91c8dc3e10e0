import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { emoji } from './build/emoji.ts';
import { serviceWorker } from './build/serviceWorker.ts';

// What changes rarely and is always needed gets a chunk of its own, so that a release of ours leaves it in the cache. Ant Design comes
// with the first dialog, in the chunk of `components/ant/ant.ts`.
const VENDOR = [
  { name: 'react', test: /node_modules[\\/](react|react-dom|react-router|scheduler|zustand)[\\/]/ },
];

const PROXY = { '/api': process.env.IM_WEB_URL ?? 'http://127.0.0.1:8080' };

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(process.env.npm_package_version ?? '0') },
  plugins: [react(), emoji(), serviceWorker()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    // The golden frames that the tests share with Rust.
    fs: { allow: ['.', '../schema/golden'] },
    proxy: PROXY,
  },
  preview: { proxy: PROXY },
  build: {
    target: 'es2023',
    // For scripts/bundle-size.js.
    manifest: true,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { codeSplitting: { groups: VENDOR } } },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'fixture/**/*.test.{ts,mjs}'],
    css: { include: [/\.css/], modules: { classNameStrategy: 'non-scoped' } },
    restoreMocks: true,
    // Limits for a machine that does other things as well; chunks are compiled in hooks.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/protocol/generated/**', 'src/test/**', 'src/**/*.d.ts'],
      reporter: ['json-summary', 'html'],
    },
  },
});
