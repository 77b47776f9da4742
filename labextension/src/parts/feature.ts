/** The details of a column of the data: its distribution in all datasets, and its numbers. */

import { checkbox, el } from '../dom';
import type { Child } from '../dom';
import { MISSING, count, moment, number, percent, span, written } from '../numbers';
import { edges } from '../statistics-model';
import type { Dataset, Feature, Part, Slice } from '../statistics-model';
import { DASHES, PATTERNS, axis, chart, plain, shortened } from './chart';
import type { Chart, Figure, Theme } from './chart';

const QUANTILES = ['min', '10%', 'median', '90%', 'max'];

/** What the switches above a chart say. */
interface View {
  log: boolean;
  normalised: boolean;
}

/**
 * Draw the details of a feature.
 *
 * @param onDispose is told what to do when the panel goes away.
 */
export function details(
  feature: Feature,
  datasets: readonly Dataset[],
  slices: readonly Slice[],
  onDispose: (action: () => void) => void
): HTMLElement {
  const drawn = picture(feature, datasets, onDispose);
  const isText = feature.group === 'texts';
  return el(
    'div',
    { class: 'zen-feature', 'data-feature': feature.name },
    drawn,
    el(
      'div',
      { class: 'zen-facts' },
      isText && feature.top.length > 0 && topTable(feature, datasets),
      numbersTable(feature, datasets),
      ...sentences(feature, datasets[0]?.name ?? 'the first dataset'),
      slicesOf(feature, slices)
    )
  );
}

function picture(
  feature: Feature,
  datasets: readonly Dataset[],
  onDispose: (action: () => void) => void
): HTMLElement | null {
  const view: View = { log: false, normalised: true };
  const numbers = feature.scale !== null && feature.parts.some(p => p && p.shape.length > 0);
  if (!numbers && feature.top.length === 0) {
    return null;
  }
  const label = `${numbers ? 'Histogram' : 'Most frequent values'} of ${feature.name} in ${datasets
    .map(d => d.name)
    .join(', ')}`;
  const height = numbers ? 240 : 70 + feature.top.length * (18 + 10 * datasets.length);
  const made: Chart = chart(label, height, theme =>
    numbers ? histogram(feature, datasets, view, theme) : bars(feature, datasets, view, theme)
  );
  onDispose(() => {
    made.dispose();
  });
  return el(
    'div',
    { class: 'zen-picture' },
    el(
      'div',
      { class: 'zen-controls' },
      checkbox('Log scale', view.log, on => {
        view.log = on;
        made.update();
      }),
      checkbox('Normalised', view.normalised, on => {
        view.normalised = on;
        made.update();
      })
    ),
    made.node,
    numbers &&
      el('p', { class: 'zen-dim' }, 'The first and the last block hold all that is further out.')
  );
}

/** All datasets over each other: steps, told apart by dashes as well as colours. */
function histogram(
  feature: Feature,
  datasets: readonly Dataset[],
  view: View,
  theme: Theme
): Figure {
  const scale = feature.scale ?? [0, 1];
  const isTime = feature.kind === 'time';
  const unit = feature.kind === 'duration' ? unitOf(scale) : { size: 1, name: '' };
  const place = (x: number): number | string =>
    isTime ? new Date(1000 * x).toISOString() : x / unit.size;
  const data = feature.parts.flatMap((p, i) => {
    if (!p || p.shape.length === 0) {
      return [];
    }
    const ends = edges(scale, p.shape.length);
    const factor = view.normalised ? 1 : p.rows;
    const heights = p.shape.map(share => (view.log && share <= 0 ? null : share * factor));
    const texts = p.shape.map((share, k) => {
      const from = endText(feature, ends[k] ?? 0);
      const to = endText(feature, ends[k + 1] ?? 0);
      const rows = count(Math.round(share * p.rows));
      return `${from} to ${to}: ${percent(share)}, about ${rows} rows`;
    });
    return [
      {
        type: 'scatter',
        mode: 'lines',
        name: plain(datasets[i]?.name ?? ''),
        x: ends.map(place),
        y: [...heights, heights.at(-1)],
        text: [...texts, texts.at(-1)],
        hovertemplate: '%{text}',
        line: {
          shape: 'hv',
          width: 2,
          dash: DASHES[i % DASHES.length],
          color: theme.series[i % theme.series.length]
        },
        fill: i === 0 && !view.log ? 'tozeroy' : 'none',
        fillcolor: faint(theme.series[0])
      }
    ];
  });
  return {
    data,
    layout: {
      showlegend: datasets.length > 1,
      margin: { l: 56, r: 12, t: datasets.length > 1 ? 30 : 8, b: 36 },
      xaxis: axis(theme, {
        type: isTime ? 'date' : 'linear',
        showgrid: false,
        title: { text: unit.name, standoff: 6 }
      }),
      yaxis: axis(theme, yAxis(view))
    }
  };
}

function bars(feature: Feature, datasets: readonly Dataset[], view: View, theme: Theme): Figure {
  const shown = [...feature.top].reverse(); // plotly's first bar is at the bottom
  const places = shown.map((_, i) => i);
  const data = datasets.map((dataset, i) => ({
    type: 'bar',
    orientation: 'h',
    name: plain(dataset.name),
    y: places,
    x: shown.map(t => {
      const share = t.shares[i] ?? null;
      return share === null ? null : share * (view.normalised ? 1 : (feature.parts[i]?.rows ?? 0));
    }),
    text: shown.map(t => `${plain(t.value)}: ${percent(t.shares[i])}`),
    textposition: 'none',
    hovertemplate: '%{text}',
    marker: {
      color: theme.series[i % theme.series.length],
      pattern: { shape: PATTERNS[i % PATTERNS.length], size: 6, solidity: 0.4 }
    }
  }));
  return {
    data: data.reverse(),
    layout: {
      barmode: 'group',
      bargap: 0.3,
      showlegend: datasets.length > 1,
      legend: {
        orientation: 'h',
        traceorder: 'reversed',
        x: 0,
        y: 1.02,
        xanchor: 'left',
        yanchor: 'bottom'
      },
      margin: { l: 56, r: 12, t: datasets.length > 1 ? 30 : 8, b: 36 },
      xaxis: axis(theme, { ...yAxis(view), nticks: 6 }),
      yaxis: axis(theme, {
        tickvals: places,
        ticktext: shown.map(t => plain(shortened(t.value, 24))),
        showgrid: false,
        zeroline: false
      })
    }
  };
}

function yAxis(view: View): object {
  return {
    type: view.log ? 'log' : 'linear',
    tickformat: view.normalised ? (view.log ? '.2~%' : '.0~%') : ',~s',
    nticks: 5,
    dtick: view.log ? 1 : undefined,
    rangemode: 'tozero'
  };
}

/** A row a statistic and a column a dataset: it fits also where there is little room. */
function numbersTable(feature: Feature, datasets: readonly Dataset[]): HTMLElement {
  const rows: [string, (p: Part) => string][] = [
    ['rows with a value', p => count(p.rows)],
    ['missing', p => (p.missing ? `${count(p.missing)} (${percent(p.missingShare)})` : '0')]
  ];
  if (feature.group === 'texts') {
    rows.push(['unique values', p => count(p.unique)]);
  }
  if (feature.group === 'numbers' || feature.group === 'times') {
    const value = (text: string) => valueText(feature, text);
    if (feature.kind !== 'time') {
      rows.push([
        'zeros',
        p => (p.zeros ? `${count(p.zeros)} (${percent(p.zerosShare)})` : count(p.zeros))
      ]);
    }
    if (feature.parts.some(p => p?.infinite)) {
      rows.push(['infinite', p => count(p.infinite)]);
    }
    rows.push(['mean', p => value(p.mean)]);
    rows.push([
      'standard deviation',
      p => (feature.group === 'times' ? span(p.std) : number(p.std))
    ]);
    QUANTILES.forEach((name, i) => {
      rows.push([name, p => value(p.quantiles[i] ?? '')]);
    });
  }
  const known = rows.filter(([, write]) => feature.parts.some(p => p && write(p) !== MISSING));
  return el(
    'table',
    { class: 'zen-small', 'aria-label': `Numbers of ${feature.name}` },
    el('thead', {}, headings('', datasets)),
    el(
      'tbody',
      {},
      ...known.map(([name, write]) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, name),
          ...feature.parts.map(p => el('td', { class: 'zen-right' }, p ? write(p) : 'no column'))
        )
      )
    )
  );
}

function topTable(feature: Feature, datasets: readonly Dataset[]): HTMLElement {
  return el(
    'table',
    { class: 'zen-small', 'aria-label': `Most frequent values of ${feature.name}` },
    el('thead', {}, headings('most frequent values', datasets)),
    el(
      'tbody',
      {},
      ...feature.top.map(({ value, shares }) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row', class: 'zen-value' }, el('bdi', {}, value)),
          ...shares.map(share => el('td', { class: 'zen-right' }, percent(share)))
        )
      )
    )
  );
}

function headings(first: string, datasets: readonly Dataset[]): HTMLElement {
  return el(
    'tr',
    {},
    first ? el('th', { scope: 'col' }, first) : el('td'),
    ...datasets.map(d => el('th', { scope: 'col', class: 'zen-right' }, d.name))
  );
}

function sentences(feature: Feature, first: string): Child[] {
  const said: Child[] = [];
  const { drift } = feature;
  if (drift) {
    const mark = drift.over ? '⚠ ' : '';
    said.push(
      el(
        'p',
        { class: 'zen-note' },
        `${mark}${drift.dataset} is ${number(drift.distance, 2)} from ${first} ` +
          `(${drift.measure}); the threshold is ${number(drift.threshold, 2)}.`
      )
    );
  }
  if (feature.notes.length > 0) {
    said.push(el('p', { class: 'zen-note' }, `Notes: ${feature.notes.join('; ')}.`));
  }
  if (feature.sensitive) {
    said.push(el('p', { class: 'zen-note' }, 'Its values are not shown: the column is sensitive.'));
  }
  return said;
}

function slicesOf(feature: Feature, slices: readonly Slice[]): HTMLElement | null {
  const found = slices.filter(s => s.features.has(feature.name));
  if (found.length === 0) {
    return null;
  }
  return el(
    'div',
    { class: 'zen-slices-of' },
    el('p', { class: 'zen-note' }, 'Slices that differ in it most, with the distance:'),
    el(
      'ul',
      {},
      ...found.map(s =>
        el('li', {}, el('bdi', {}, s.label), ` ${s.features.get(feature.name) ?? ''}`)
      )
    )
  );
}

function valueText(feature: Feature, text: string): string {
  if (feature.kind === 'time') {
    return text ? text.replace('T', ' ') : MISSING;
  }
  return feature.kind === 'duration' ? (text ? span(Number(text)) : MISSING) : written(text);
}

function endText(feature: Feature, value: number): string {
  if (feature.kind === 'time') {
    return moment(value);
  }
  return feature.kind === 'duration' ? span(value) : number(value);
}

function unitOf(scale: readonly [number, number]): { size: number; name: string } {
  const most = Math.max(Math.abs(scale[0]), Math.abs(scale[1]));
  const units: [number, string][] = [
    [86_400, 'days'],
    [3_600, 'hours'],
    [60, 'minutes']
  ];
  const [size, name] = units.find(([s]) => most >= 2 * s) ?? [1, 'seconds'];
  return { size, name };
}

/** A colour with little of itself: plotly reads no CSS functions. */
function faint(color: string | undefined): string {
  const match = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color ?? '');
  const [r, g, b] = match ? match.slice(1).map(part => parseInt(part, 16)) : [31, 119, 180];
  return `rgba(${r ?? 0},${g ?? 0},${b ?? 0},0.15)`;
}
