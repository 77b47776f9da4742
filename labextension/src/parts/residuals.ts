/** The errors of a regression: their histogram, and their mean by what was predicted. */

import { el } from '../dom';
import { count, number } from '../numbers';
import { series } from '../packing';
import type { ResidualSeries } from '../payloads';
import { axis, chart } from './chart';
import type { Chart, Figure, Theme } from './chart';
import { small } from './small';

const HEIGHT = 250;
const LINES = 10;

/** Draw the residuals of a result. */
export function residualsOf(
  stored: ResidualSeries,
  onDispose: (action: () => void) => void
): HTMLElement {
  const made = [
    chart('Histogram of the errors: prediction minus truth', HEIGHT, theme =>
      histogram(stored, theme)
    ),
    chart('Mean error by predicted value', HEIGHT, theme => means(stored, theme))
  ];
  onDispose(() => {
    made.forEach(m => {
      m.dispose();
    });
  });
  const edges = series(stored.edges);
  const counts = series(stored.counts);
  const [predicted, errors, rows] = [
    series(stored.predicted),
    series(stored.mean_error),
    series(stored.mean_counts)
  ];
  const step = Math.max(Math.ceil(predicted.length / LINES), 1);
  const some = predicted.flatMap((_, i) => (i % step === 0 ? [i] : []));
  return el(
    'section',
    { class: 'zen-part zen-curves', 'aria-label': 'Errors' },
    el(
      'div',
      { class: 'zen-charts' },
      part(
        'Errors: prediction minus truth',
        made[0],
        `from ${number(edges[0])} to ${number(edges.at(-1))}`,
        small(
          'Errors',
          ['from', 'to', 'rows'],
          counts.flatMap((n, i) =>
            n > 0 ? [[number(edges[i]), number(edges[i + 1]), count(n)]] : []
          )
        )
      ),
      part(
        'Mean error by prediction',
        made[1],
        'the numbers',
        small(
          'Mean error by prediction',
          ['predicted', 'mean error', 'rows'],
          some.map(i => [number(predicted[i]), number(errors[i]), count(rows[i])])
        )
      )
    )
  );
}

function part(
  title: string,
  made: Chart | undefined,
  said: string,
  table: HTMLElement
): HTMLElement {
  return el(
    'div',
    { class: 'zen-curve' },
    el('h4', { class: 'zen-heading' }, title),
    made?.node,
    el('details', { class: 'zen-readings' }, el('summary', {}, said), table)
  );
}

function histogram(stored: ResidualSeries, theme: Theme): Figure {
  const edges = series(stored.edges);
  const counts = series(stored.counts);
  const middles = counts.map((_, i) => ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2);
  const data = {
    type: 'bar',
    x: middles,
    y: counts,
    width: counts.map((_, i) => (edges[i + 1] ?? 0) - (edges[i] ?? 0)),
    text: counts.map((n, i) => `${number(edges[i])} to ${number(edges[i + 1])}: ${count(n)} rows`),
    textposition: 'none',
    hovertemplate: '%{text}<extra></extra>',
    marker: { color: theme.series[0] }
  };
  return {
    data: [data],
    layout: {
      bargap: 0,
      xaxis: axis(theme, { showgrid: false, title: { text: 'error', standoff: 6 } }),
      yaxis: axis(theme, { tickformat: ',~s', nticks: 5, title: { text: 'rows', standoff: 6 } })
    }
  };
}

function means(stored: ResidualSeries, theme: Theme): Figure {
  const [x, y, rows] = [
    series(stored.predicted),
    series(stored.mean_error),
    series(stored.mean_counts)
  ];
  const most = Math.max(...rows, 1);
  const data = {
    type: 'scatter',
    mode: 'lines+markers',
    x,
    y,
    text: x.map(
      (v, i) => `predicted ${number(v)}: mean error ${number(y[i])}, ${count(rows[i])} rows`
    ),
    hovertemplate: '%{text}<extra></extra>',
    line: { color: theme.series[0], width: 2 },
    marker: { color: theme.series[0], size: rows.map(n => 4 + 9 * Math.sqrt(n / most)) }
  };
  return {
    data: [data],
    layout: {
      xaxis: axis(theme, { title: { text: 'predicted', standoff: 6 } }),
      yaxis: axis(theme, {
        zeroline: true,
        zerolinecolor: theme.text,
        nticks: 5,
        title: { text: 'mean error', standoff: 6 }
      })
    }
  };
}
