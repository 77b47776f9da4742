/** Charts by plotly, which is loaded with the first one. */

import { el, visible } from '../dom';
import { plotly as load } from '../plotly-source';

const SERIES = 7;

/** Of lines that have to be told apart without a colour. */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot'] as const;

/** The same of bars. */
export const PATTERNS = ['', '/', '.', 'x', '-', '+', '|'] as const;

/** The colours of JupyterLab's theme as they are now. */
export interface Theme {
  readonly text: string;
  readonly grid: string;
  readonly series: readonly string[];
}

export interface Stroke {
  readonly color: string | undefined;
  readonly width: number;
  readonly dash: string | undefined;
}

export interface Figure {
  readonly data: readonly object[];
  readonly layout: object;
}

export interface Chart {
  readonly node: HTMLElement;
  /** Draw again: what the figure is made from has changed. */
  update(): void;
  dispose(): void;
}

const ROOM = 36; // characters of a name in a legend: more would be cut off in a narrow panel

/**
 * Anybody's string in a figure: plotly reads a few tags in its texts. Of a long one the middle is
 * left out, since names of a family begin alike; the numbers beside the figure have all of it.
 */
export function plain(text: string): string {
  const all = Array.from(visible(text));
  const cut = all.length > ROOM ? [...all.slice(0, ROOM - 13), '…', ...all.slice(-12)] : all;
  return cut.join('').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('$', '&#36;');
}

/** The beginning of a text that is too long; no sign of it is cut in two. */
export function shortened(text: string, most: number): string {
  const all = Array.from(text);
  return all.length <= most ? text : `${all.slice(0, most - 1).join('')}…`;
}

/**
 * Make a chart.
 *
 * @param label what it shows, for those who do not see it; its numbers have to stand beside it.
 * @param make called for each drawing.
 */
export function chart(label: string, height: number, make: (theme: Theme) => Figure): Chart {
  const node = el('div', { class: 'zen-chart', role: 'img', 'aria-label': label });
  node.style.height = `${height}px`;
  let disposed = false;
  let width = 0;
  let purge: () => void = () => undefined; // nothing was drawn

  const unseen = () => {
    width = node.clientWidth;
    return disposed || width === 0;
  };
  const draw = async () => {
    if (unseen()) {
      return; // plotly is not loaded for what nobody sees
    }
    const plotly = await load();
    purge = () => {
      plotly.purge(node);
    };
    if (unseen()) {
      return;
    }
    const theme = themeOf(node);
    const { data, layout } = make(theme);
    if (node.dataset.drawn !== 'true') {
      node.replaceChildren(); // it may say that it could not be drawn
    }
    await plotly.react(node, data, { ...base(theme), width, height, ...layout }, CONFIG);
    node.dataset.drawn = 'true';
  };
  const redraw = () => {
    draw().catch((error: unknown) => {
      if (disposed) {
        return;
      }
      console.error('zenlab: a chart could not be drawn', error);
      purge();
      delete node.dataset.drawn;
      node.textContent = 'This chart could not be drawn: its numbers are in the table.';
    });
  };

  // Observing calls back once at first, and whenever the place of the chart has another width.
  const sizes = new ResizeObserver(() => {
    if (node.clientWidth !== width) {
      redraw();
    }
  });
  sizes.observe(node);
  const themes = new MutationObserver(redraw);
  // A theme's style sheet may come after its attributes: the text's colour changes in a transition
  // of no length (style/table.css), whose end is heard.
  node.addEventListener('transitionend', event => {
    if (event.target === node && event.propertyName === 'color') {
      redraw();
    }
  });
  themes.observe(document.body, {
    attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name']
  });
  return {
    node,
    update: redraw,
    dispose: () => {
      disposed = true;
      sizes.disconnect();
      themes.disconnect();
      purge();
    }
  };
}

/** The line of one of several: `place` is the same as that of its name. */
export function stroke(theme: Theme, place: number): Stroke {
  return {
    color: theme.series[place % theme.series.length],
    width: 2,
    dash: DASHES[place % DASHES.length]
  };
}

/** An axis that fits in, with what is particular to it. */
export function axis(theme: Theme, more: object = {}): object {
  return {
    automargin: true,
    gridcolor: theme.grid,
    zerolinecolor: theme.grid,
    linecolor: theme.grid,
    fixedrange: true,
    ...more
  };
}

const CONFIG = { displayModeBar: false, responsive: false, showTips: false };

function base(theme: Theme): object {
  return {
    autosize: false,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: theme.text, size: 12, family: 'system-ui, sans-serif' },
    margin: { l: 48, r: 12, t: 8, b: 36 },
    hovermode: 'closest',
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom' },
    xaxis: axis(theme),
    yaxis: axis(theme)
  };
}

function themeOf(node: HTMLElement): Theme {
  const style = getComputedStyle(node);
  const read = (name: string, otherwise: string) =>
    style.getPropertyValue(name).trim() || otherwise;
  return {
    text: style.color || '#808080',
    grid: read('--zen-grid', 'rgba(128,128,128,0.3)'),
    series: Array.from({ length: SERIES }, (_, i) => read(`--zen-c${i}`, '#1f77b4'))
  };
}
