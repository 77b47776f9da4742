/** Light or dark, and whose colours: each host of widgets says it in its own way. */

const DARK = '(prefers-color-scheme: dark)';

interface Look {
  readonly host: 'jupyterlab' | 'vscode' | 'other';
  readonly theme: 'dark' | 'light';
}

/** How the page looks now. */
export function look(): Look {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight !== undefined) {
    return { host: 'jupyterlab', theme: jpThemeLight === 'false' ? 'dark' : 'light' };
  }
  if (vscodeThemeKind !== undefined) {
    const light = vscodeThemeKind.endsWith('light'); // vscode-light, vscode-high-contrast-light
    return { host: 'vscode', theme: light ? 'light' : 'dark' };
  }
  // Colab marks the page of an output; whoever says nothing has what the system has.
  const said = document.documentElement.getAttribute('theme');
  const dark = said === null ? matchMedia(DARK).matches : said === 'dark';
  return { host: 'other', theme: dark ? 'dark' : 'light' };
}

/** Give an element the colours of its host, whenever they change; returns how to stop that. */
export function dress(element: HTMLElement): () => void {
  const show = () => {
    const { host, theme } = look();
    element.dataset.zenHost = host;
    element.dataset.zenTheme = theme;
  };
  element.classList.add('zen-output', 'zen-widget');
  show();
  const marks = new MutationObserver(show);
  marks.observe(document.body, {
    attributeFilter: ['data-jp-theme-light', 'data-vscode-theme-kind']
  });
  marks.observe(document.documentElement, { attributeFilter: ['theme'] });
  const system = matchMedia(DARK);
  system.addEventListener('change', show);
  return () => {
    marks.disconnect();
    system.removeEventListener('change', show);
  };
}
