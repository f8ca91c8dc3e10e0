import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { componentFile } from './lint/componentFile.js';

// Who may import whom. Every import across folders goes by '@/', so that a pattern sees it.
const zone = (files, message, group) => ({
  files,
  ignores: ['**/*.test.{ts,tsx}'],
  rules: { 'no-restricted-imports': ['error', { patterns: [...OUTER, { group, message }] }] },
});
const OUTER = [
  { group: ['../*'], message: "Another folder is imported by '@/'." },
  {
    group: ['antd', 'antd/**'],
    message: "Half of all script: its parts come by '@/components/ant/parts', which loads them late.",
  },
];

const SERVICES = (...names) => names.map((name) => `@/services/${name}/*`);
const SCREENS = ['@/components/*', '@/components/**', '@/pages/*', '@/pages/**', '@/hooks/*'];
const STORES = ['@/stores/*'];

const SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'A default export has a new name in every file that imports it: export by name.',
  },
  { selector: "JSXAttribute[name.name='style']", message: 'Inline style: use a class of a CSS Module.' },
  {
    selector: "JSXAttribute[name.name='key'] Identifier[name=/^(i|idx|index)$/]",
    message: 'A key from the index moves state between rows: use an id.',
  },
  { selector: 'JSXText[value=/[A-Za-z\\u4e00-\\u9fff]/]', message: 'Text for people comes from t().' },
  {
    selector: 'ClassDeclaration[superClass.name=/^(Pure)?Component$/]',
    message: 'Components are functions.',
  },
];

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.shots', 'src/protocol/generated', 'src/types/generated']),
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}', 'fixture/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'react-hooks': reactHooks, im: { rules: { 'component-file': componentFile } } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-imports': ['error', { patterns: OUTER }],
      'no-restricted-syntax': ['error', ...SYNTAX],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.tsx'],
    ignores: ['**/*.test.tsx', 'src/main.tsx'],
    rules: { 'im/component-file': 'error' },
  },
  { files: ['src/utils/report.ts'], rules: { 'no-console': 'off' } },
  // Its folders are the parts of one thing.
  { files: ['fixture/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['**/*.test.{ts,tsx}', 'src/test/**'],
    rules: { 'no-restricted-syntax': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: ['*.js', '*.ts', 'lint/*.js', 'fixture/**/*.mjs', 'bench/*.mjs', 'scripts/*.js', 'build/*.ts'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },

  // Import zones: transport <- session <- sync -> storage, and api; screens see stores and client actions only.
  zone(
    ['src/pages/**', 'src/components/**', 'src/hooks/**'],
    'Screens see stores and client actions, not what is below.',
    [
      ...SERVICES('transport', 'session', 'sync', 'storage', 'api'),
      '@/services/client/*',
      '@/protocol/generated/**',
      '@/protocol/encode',
      '@/protocol/decode',
      '@/protocol/frame*',
    ],
  ),
  zone(['src/components/**', 'src/hooks/**'], 'Pages are made of components, not the other way round.', [
    '@/pages/**',
    ...SERVICES('transport', 'session', 'sync', 'storage', 'api'),
    '@/services/client/*',
    '@/protocol/generated/**',
    '@/protocol/encode',
    '@/protocol/decode',
    '@/protocol/frame*',
  ]),
  zone(['src/stores/**'], 'Stores take events and know nothing that makes them.', [
    '@/services/**',
    ...SCREENS,
  ]),
  zone(
    ['src/types/**', 'src/constants/**', 'src/utils/**'],
    'What all share depends on nothing that uses it.',
    ['@/services/**', ...STORES, ...SCREENS],
  ),
  zone(['src/protocol/**'], 'The protocol knows no layer above it.', [
    '@/services/**',
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/transport/**'], 'Transport is the lowest layer.', [
    ...SERVICES('session', 'sync', 'storage', 'api', 'client'),
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/session/**'], 'A session stands on transport only.', [
    ...SERVICES('sync', 'storage', 'api', 'client'),
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/sync/**'], 'Sync stands on session and storage only.', [
    ...SERVICES('transport', 'api', 'client'),
    '@/protocol/generated/**',
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/storage/**', 'src/services/api/**'], 'Storage and API stand alone.', [
    ...SERVICES('transport', 'session', 'sync', 'client'),
    '@/protocol/generated/**',
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/latency/**'], 'Latency is measured on sessions and transports.', [
    ...SERVICES('sync', 'storage', 'api', 'client'),
    ...STORES,
    ...SCREENS,
  ]),
  zone(['src/services/notify/**', 'src/services/shell/**'], 'What notifies reads stores and calls REST.', [
    ...SERVICES('transport', 'session', 'sync', 'storage', 'client'),
    ...SCREENS,
  ]),
  zone(['src/worker/**'], 'The service worker is a program of its own.', [
    '@/services/**',
    ...STORES,
    ...SCREENS,
    '@/utils/**',
    '@/constants/**',
  ]),
  zone(['src/services/client/**'], 'Only index.ts joins the client with the stores.', [
    ...SCREENS,
    '@/stores/*',
    '!@/stores/applyEvent',
  ]),
  {
    files: ['src/components/ant/*', 'src/theme/antTheme.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [OUTER[0]] }] },
  },
);
