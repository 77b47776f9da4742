/** Curves of several runs over each other, and their numbers. */

import type { Curve, Curves, Run } from '../compare-model';
import { checkbox, el, replace } from '../dom';
import type { Child } from '../dom';
import { MISSING, count, number } from '../numbers';
import { DASHES, axis, chart, plain } from './chart';
import type { Chart, Figure, Theme } from './chart';
import { legend } from './run-lines';

const TITLES = {
  series: '',
  roc: 'ROC',
  precision_recall: 'Precision and recall'
} as const;

const AXES = {
  series: ['step', ''],
  roc: ['false positive rate', 'true positive rate'],
  precision_recall: ['recall', 'precision']
} as const;

/** Where a curve of an evaluation is read off. */
const READ_AT = { roc: [0.01, 0.05, 0.1, 0.2, 0.5], precision_recall: [0.1, 0.25, 0.5, 0.75, 0.9] };

/** Draw charts between which one chooses. */
export function curves(
  groups: readonly Curves[],
  runs: readonly Run[],
  onDispose: (action: () => void) => void
): HTMLElement {
  let shown = groups[0];
  let log = false;
  const numbers = el('div', { class: 'zen-facts' });
  const place = el('div');
  const choose = el(
    'select',
    { class: 'zen-select', 'aria-label': 'Which curves' },
    ...groups.map(group => el('option', {}, titleOf(group)))
  );
  const scale = checkbox('Log scale', false, on => {
    log = on;
    made?.update();
  });
  let made: Chart | null = null;
  const draw = () => {
    if (!shown) {
      return;
    }
    const group = shown;
    made?.dispose();
    const label = `${titleOf(group)} of ${group.curves.map(c => runs[c.run]?.label).join(', ')}`;
    made = chart(label, 300, theme => figure(group, runs, log, theme));
    scale.hidden = group.kind !== 'series';
    replace(place, made.node);
    replace(numbers, table(group, runs));
  };
  choose.addEventListener('change', () => {
    shown = groups[choose.selectedIndex];
    draw();
  });
  draw();
  onDispose(() => {
    made?.dispose();
  });
  const title = groups.length > 1 ? choose : el('span', {}, groups[0] ? titleOf(groups[0]) : '');
  return el(
    'div',
    { class: 'zen-curves' },
    el('div', { class: 'zen-controls' }, title, scale),
    place,
    numbers
  );
}

function titleOf(group: Curves): string {
  return [TITLES[group.kind], group.name].filter(Boolean).join(' · ');
}

function figure(group: Curves, runs: readonly Run[], log: boolean, theme: Theme): Figure {
  const [x, y] = AXES[group.kind];
  const rates = group.kind !== 'series';
  const range = [-0.01, 1.01];
  const chance = { x: [0, 1], y: [0, 1], mode: 'lines', hoverinfo: 'skip', showlegend: false };
  return {
    data: [
      ...(group.kind === 'roc' ? [{ ...chance, line: { color: theme.grid, width: 1 } }] : []),
      ...group.curves.map(curve => ({
        type: 'scatter',
        mode: curve.x.length > 1 ? 'lines' : 'markers',
        name: plain(runs[curve.run]?.label ?? ''),
        x: curve.x,
        y: curve.y,
        text: curve.x.map((at, i) => `${x} ${number(at)}: ${number(curve.y[i])}`),
        hovertemplate: '%{text}',
        line: {
          width: 2,
          dash: DASHES[curve.run % DASHES.length],
          color: theme.series[curve.run % theme.series.length]
        }
      }))
    ],
    layout: {
      margin: { l: 56, r: 12, t: 34, b: 40 },
      showlegend: true,
      xaxis: axis(theme, { title: { text: x, standoff: 8 }, nticks: 6, ...(rates && { range }) }),
      yaxis: axis(theme, {
        title: { text: y || plain(group.name), standoff: 8 },
        nticks: 6,
        type: log && !rates ? 'log' : 'linear',
        ...(rates && { range })
      })
    }
  };
}

function table(group: Curves, runs: readonly Run[]): HTMLElement {
  const label = `Numbers of ${titleOf(group)}`;
  if (group.kind === 'series') {
    return small(
      label,
      ['run', 'first', 'last', 'at step', 'least', 'greatest'],
      group.curves.map(curve => [
        named(curve, runs),
        number(curve.y[0]),
        number(curve.y.at(-1)),
        count(curve.x.at(-1)),
        number(Math.min(...known(curve.y))),
        number(Math.max(...known(curve.y)))
      ])
    );
  }
  const [x, y] = AXES[group.kind];
  const places = READ_AT[group.kind];
  return small(
    label,
    [`${y} at ${x}`, ...places.map(String)],
    group.curves.map(curve => [
      named(curve, runs),
      ...places.map(at => number(valueAt(curve, at), 3))
    ])
  );
}

function named(curve: Curve, runs: readonly Run[]): HTMLElement {
  return legend(runs[curve.run]?.label ?? MISSING, curve.run);
}

function small(
  label: string,
  titles: readonly string[],
  rows: readonly (readonly Child[])[]
): HTMLElement {
  const right = (i: number) => (i > 0 ? 'zen-right' : undefined);
  return el(
    'table',
    { class: 'zen-small', 'aria-label': label },
    el(
      'thead',
      {},
      el('tr', {}, ...titles.map((t, i) => el('th', { scope: 'col', class: right(i) }, t)))
    ),
    el(
      'tbody',
      {},
      ...rows.map(row =>
        el(
          'tr',
          {},
          ...row.map((cell, i) =>
            i > 0 ? el('td', { class: right(i) }, cell) : el('th', { scope: 'row' }, cell)
          )
        )
      )
    )
  );
}

function known(values: readonly number[]): number[] {
  return values.filter(value => !Number.isNaN(value));
}

/** On the line between two points of a curve. */
export function valueAt(curve: Curve, at: number): number | null {
  const next = curve.x.findIndex(x => x >= at);
  const [x1, y1] = [curve.x[next], curve.y[next]];
  if (x1 === undefined || y1 === undefined) {
    return null;
  }
  const [x0, y0] = [curve.x[next - 1], curve.y[next - 1]];
  if (x0 === undefined || y0 === undefined || x1 === x0) {
    return x1 === at ? y1 : null;
  }
  return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}
