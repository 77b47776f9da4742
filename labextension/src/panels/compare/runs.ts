/** The runs of a comparison, a row a run: how good each is, how far from the baseline, in range. */

import { descends, filled, rank, written } from '../../compare-model';
import type { Run } from '../../compare-model';
import { el } from '../../dom';
import type { Child } from '../../dom';
import { MISSING, difference, number } from '../../numbers';
import { SortableTable } from '../../parts/table';
import type { Column } from '../../parts/table';
import { MOST_LINES, legend } from './legend';
import { tickOf } from './listed';
import type { Shown } from './state';

const BEST = '★';

/** The most metrics that stand in the table of runs. */
export const MOST_COLUMNS = 8;

const BETTER: Readonly<Record<string, string>> = {
  higher: 'The higher, the better',
  lower: 'The lower, the better',
  zero: 'The nearer to zero, the better'
};

export function runsTable(shown: Shown): SortableTable<Run> {
  const table = new SortableTable<Run>({
    label: 'Runs',
    columns: columnsOf(shown),
    rows: shown.runs,
    name: run => run.label
  });
  table.node.classList.add('zen-runs');
  return table;
}

function columnsOf(shown: Shown): Column<Run>[] {
  const { runs, metrics, payload } = shown;
  const columns: Column<Run>[] = [
    { title: 'run', cell: run => nameOf(shown, run), key: run => run.label }
  ];
  if (runs.some(run => run.user)) {
    columns.push({
      title: 'user',
      cell: run => el('bdi', {}, run.user),
      key: run => run.user,
      priority: 2
    });
  }
  for (const [k, metric] of metrics.slice(0, MOST_COLUMNS).entries()) {
    columns.push({
      title: metric.title,
      explanation: BETTER[metric.better],
      cell: run => valueOf(shown, run, k),
      key: run => rank(metric.better, run.metrics[k] ?? null),
      descending: descends(metric.better),
      align: 'right'
    });
  }
  if (payload.detailed !== true) {
    for (const [k, name] of (payload.parameters ?? []).entries()) {
      columns.push({
        title: name,
        cell: run => el('bdi', {}, written(run.parameters[k])),
        key: run => sortable(run.parameters[k])
      });
    }
  }
  columns.push({ title: 'data', cell: sourceOf, key: run => run.source, priority: 2 });
  return columns;
}

function nameOf(shown: Shown, run: Run): readonly Child[] {
  const place = shown.runs.length <= MOST_LINES ? run.place : null;
  const mark = el('span', { class: 'zen-badge zen-baseline' }, 'baseline');
  shown.baseline.follow(baseline => {
    mark.hidden = run.place !== baseline || shown.runs.length < 2;
  });
  const inRange = el('span', { class: 'zen-badge zen-in-range' }, 'in range');
  shown.inRange.follow(places => {
    inRange.hidden = places?.has(run.place) !== true;
  });
  const tick = shown.payload.detailed !== true && shown.runs.length > 1 && tickOf(shown, run);
  return [tick, legend(run.label, place), mark, inRange];
}

function sourceOf(run: Run): Child | readonly Child[] {
  return run.source
    ? [
        el('bdi', {}, run.source),
        el('span', { class: 'zen-dim' }, run.commit ? ` ${run.commit}` : '')
      ]
    : MISSING;
}

/** A value with a star if it is the best, and how far it is from the baseline. */
function valueOf({ runs, metrics, baseline }: Shown, run: Run, k: number): readonly Child[] {
  const value = run.metrics[k] ?? null;
  const far = el('span', { class: 'zen-far' });
  baseline.follow(place => {
    const base = runs[place];
    far.hidden = !base; // else it keeps its line, so that rows stay where they are
    far.textContent = base && base !== run ? difference(value, base.metrics[k]) : '';
  });
  const best = metrics[k]?.best.has(run.place) === true;
  return [
    el(
      'span',
      { class: best ? 'zen-best' : '' },
      best && el('span', { role: 'img', 'aria-label': 'best', title: 'the best' }, BEST),
      best && ' ',
      number(value)
    ),
    far
  ];
}

/** Every metric of a few runs, a row a metric. */
export function metricsTable(shown: Shown): HTMLElement {
  const rows = shown.metrics.map((metric, k) => ({ metric, k }));
  return new SortableTable({
    label: 'All metrics',
    rows,
    name: row => row.metric.title,
    columns: [
      { title: 'metric', cell: row => row.metric.title, key: row => row.metric.title },
      ...shown.runs.map((run): Column<(typeof rows)[number]> => ({
        title: run.label,
        align: 'right',
        cell: row => valueOf(shown, run, row.k)
      }))
    ]
  }).node;
}

function sortable(text: string | undefined): number | string | null {
  const known = filled(text);
  const value = Number(known);
  return known === null || Number.isNaN(value) ? known : value;
}
