import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/lib/**', '**/node_modules/**', 'labextension/src/api/types.ts'] },
  eslint.configs.recommended,
  {
    files: ['labextension/src/**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['error', 250],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-console': ['error', { allow: ['error'] }]
    }
  },
  {
    files: ['labextension/scripts/*.mjs', 'labextension/tests/*.mjs'],
    languageOptions: { globals: Object.fromEntries(
        ['URL', 'process', 'TextEncoder', 'ReadableStream', 'Response'].map(name => [name, 'readonly'])
      ) }
  }
);
