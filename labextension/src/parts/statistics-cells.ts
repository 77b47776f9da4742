/** The tables of the statistics panel: what stands in the cells of a column of the data. */

import { el } from '../dom';
import type { Child } from '../dom';
import { count, number, percent, span, written } from '../numbers';
import { MANY_ZEROS, MUCH_MISSING } from '../statistics-model';
import type { Dataset, Feature, Group, Part } from '../statistics-model';
import { bar, shape } from './shape';
import type { Column } from './table';

/** The least difference of a share that is told. */
const POINT = 0.01;

/** The columns of the table of a group of features. */
export function columnsOf(group: Group, datasets: readonly Dataset[]): Column<Feature>[] {
  const right = { align: 'right' } as const;
  const name: Column<Feature> = { title: 'column', cell: nameOf, key: f => f.name };
  const missing: Column<Feature> = {
    title: 'missing',
    explanation: 'The greatest share of rows without a value, of all datasets',
    cell: f => missingText(f, datasets),
    key: f => f.missing,
    ...right
  };
  const drift: Column<Feature> = {
    title: 'drift',
    explanation: 'The greatest distance of a dataset from the first one',
    cell: f => driftText(f),
    key: f => f.drift?.distance ?? null,
    priority: 2,
    ...right
  };
  if (group === 'texts') {
    return [
      name,
      { title: 'most frequent values', cell: f => topOf(f), wide: true },
      missing,
      {
        title: 'unique',
        cell: f => (f.first?.unique ? count(f.first.unique) : ''),
        key: uniqueOf,
        priority: 2,
        ...right
      },
      drift
    ];
  }
  if (group === 'others') {
    return [
      name,
      { title: 'holds', cell: f => (f.kind === 'empty' ? 'nothing' : f.kind) },
      missing
    ];
  }
  const value = (index: number) => (f: Feature) => quantile(f, index);
  const sorted = (index: number) => (f: Feature) => order(f, f.first?.quantiles[index]);
  const shapes: Column<Feature> = {
    title: datasets.length > 1 ? datasets.map(d => d.name).join(' · ') : 'shape',
    cell: f => shapesOf(f),
    wide: true
  };
  const ends: Column<Feature>[] = [
    { title: 'min', cell: value(0), key: sorted(0), priority: 3, ...right },
    { title: 'median', cell: value(2), key: sorted(2), priority: 2, ...right },
    { title: 'max', cell: value(4), key: sorted(4), priority: 3, ...right }
  ];
  if (group === 'times') {
    return [name, shapes, missing, ...ends, drift];
  }
  return [
    name,
    shapes,
    missing,
    {
      title: 'zeros',
      cell: zerosText,
      key: f => f.first?.zerosShare ?? null,
      priority: 3,
      ...right
    },
    {
      title: 'mean ± std',
      cell: f => meanText(f.first),
      key: f => (f.first?.mean ? Number(f.first.mean) : null),
      priority: 2,
      ...right
    },
    ...ends,
    drift
  ];
}

function missingText(f: Feature, datasets: readonly Dataset[]): string {
  const mark = f.missing >= MUCH_MISSING ? '⚠ ' : '';
  const more = f.missing - (f.first?.missingShare ?? 0) > POINT;
  const where = more ? `${datasets[f.missingIn]?.name ?? ''} ` : '';
  return f.missing === 0 ? '' : `${mark}${where}${percent(f.missing)}`;
}

function shapesOf(f: Feature): HTMLElement {
  const top = Math.max(0, ...f.parts.flatMap(p => p?.shape ?? []));
  const drawn = f.parts.map((p, i) =>
    el('span', { class: 'zen-shape-box' }, p ? shape(p.shape, top, i) : 'no column')
  );
  return el('div', { class: 'zen-shapes' }, ...drawn);
}

/** A line a value: its share in the first dataset, as a bar and a number. */
function topOf(f: Feature): Child {
  if (f.top.length === 0) {
    const there = f.parts.some(p => p?.unique);
    return el(
      'span',
      { class: 'zen-dim' },
      f.sensitive ? 'not shown' : there ? 'each in few rows' : ''
    );
  }
  const most = Math.max(...f.top.map(t => t.shares[0] ?? 0), Number.MIN_VALUE);
  const lines = f.top
    .slice(0, 3)
    .map(t =>
      el(
        'div',
        { class: 'zen-top' },
        el('bdi', { class: 'zen-top-value' }, t.value),
        bar((t.shares[0] ?? 0) / most),
        el('span', { class: 'zen-top-share' }, percent(t.shares[0]))
      )
    );
  return el('div', { class: 'zen-tops' }, ...lines);
}

function nameOf(f: Feature): readonly Child[] {
  const text: Child[] = [
    f.anomalous &&
      el('span', { class: 'zen-mark', role: 'img', 'aria-label': 'has a finding' }, '⚠'),
    el('bdi', { class: 'zen-name' }, f.name)
  ];
  return [
    el('span', { class: 'zen-name-line' }, ...text),
    f.notes.length > 0 && el('span', { class: 'zen-notes' }, f.notes.join(' · '))
  ];
}

function uniqueOf(f: Feature): number | null {
  return f.first?.unique ?? null;
}

function zerosText(f: Feature): string {
  const share = f.first?.zerosShare ?? null;
  return share ? `${share >= MANY_ZEROS ? '⚠ ' : ''}${percent(share)}` : '';
}

function meanText(p: Part | null): string {
  return p?.mean ? `${written(p.mean)} ± ${number(p.std)}` : '';
}

function driftText(f: Feature): Child {
  if (!f.drift) {
    return '';
  }
  const { distance, over, dataset } = f.drift;
  const text = distance < 0.01 ? '<0.01' : number(distance, 2);
  return over ? el('b', {}, `⚠ ${text} ${dataset}`) : text;
}

function quantile(f: Feature, index: number): string {
  const text = f.first?.quantiles[index] ?? '';
  if (f.kind === 'time') {
    return text.replace('T', ' ');
  }
  return f.kind === 'duration' ? span(text ? Number(text) : null) : written(text);
}

/** Times are compared as they are written: the year is in front. */
function order(f: Feature, text: string | undefined): number | string | null {
  return !text ? null : f.kind === 'time' ? text : Number(text);
}
