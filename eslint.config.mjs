import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import { ENGINE_ROOMS, roomArrows } from './.ci/rooms.mjs';

const engineFiles = ENGINE_ROOMS.map((room) => `src/${room}/**/*.ts`);
const WHY_VIRTUAL = 'The engine knows virtual time only (sim/).';
const WHY_OWN_MATH = 'Differs by an ulp between engines: use sim/math.ts.';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'coverage', 'static'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    // Maps and sets of the page are replaced whole ($state.raw), or are never shown.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    plugins: { house: { rules: { arrows: roomArrows } } },
    rules: {
      'house/arrows': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
    },
  },
  {
    files: engineFiles,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'queueMicrotask', 'requestAnimationFrame', 'Date'].map(
          (name) => ({ name, message: WHY_VIRTUAL }),
        ),
        ...['performance', 'fetch', 'window', 'document', 'self', 'navigator', 'process'].map(
          (name) => ({ name, message: 'The engine knows no platform.' }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        ...['log', 'log2', 'log10', 'log1p', 'exp', 'expm1', 'pow', 'sin', 'cos', 'tan'].map(
          (property) => ({ object: 'Math', property, message: WHY_OWN_MATH }),
        ),
        { object: 'Math', property: 'random', message: 'Use a named stream of sim/random.ts.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'The engine is synchronous.' },
        { selector: 'AwaitExpression', message: 'The engine is synchronous.' },
        { selector: "BinaryExpression[operator='**']", message: WHY_OWN_MATH },
      ],
    },
  },
);
