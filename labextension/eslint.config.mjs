import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Other people's strings reach the page: everything is set as text, nothing as markup.
const MARKUP = ['innerHTML', 'outerHTML', 'srcdoc'].map(property => ({
    property,
    message: 'Text only: see src/dom.ts.'
}));
const CALLS = ['insertAdjacentHTML', 'write', 'writeln', 'createContextualFragment'].map(name => ({
    selector: `CallExpression[callee.property.name='${name}']`,
    message: 'Text only: see src/dom.ts.'
}));

export default defineConfig(
    globalIgnores(['lib/', 'node_modules/']),
    {
        files: ['**/*.ts'],
        extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
        languageOptions: {
            parserOptions: {
                project: './tsconfig.check.json',
                tsconfigRootDir: import.meta.dirname
            }
        },
        rules: {
            eqeqeq: 'error',
            'no-restricted-properties': ['error', ...MARKUP],
            'no-restricted-syntax': ['error', ...CALLS],
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
        }
    },
    {
        // What is drawn knows nothing of JupyterLab: another host (a widget) draws the same.
        files: ['src/panels/**/*.ts', 'src/parts/**/*.ts', 'src/widget/**/*.ts', 'src/*.ts'],
        ignores: ['src/index.ts', 'src/mime.ts', 'src/renderer.ts', 'src/kernel.ts'],
        rules: {
            'no-restricted-imports': ['error', { patterns: ['@jupyterlab/*', '@lumino/*'] }]
        }
    }
);
