/// <reference types="vite/client" />
import { expect, test } from 'vitest';

const SHEETS = import.meta.glob<string>('../style/*.css', {
  query: '?raw',
  import: 'default',
  eager: true
});

test('what is dark in JupyterLab is dark as a widget, too', () => {
  const dark = Object.values(SHEETS)
    .flatMap(text => text.split('}'))
    .map(rule => rule.split('{')[0] ?? '')
    .filter(selectors => selectors.includes("body[data-jp-theme-light='false']"));
  expect(dark.length).toBeGreaterThan(2);
  for (const selectors of dark) {
    expect(selectors).toContain(".zen-output[data-zen-theme='dark']");
  }
});
