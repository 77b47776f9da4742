/** The list to choose runs from: filters, ticks, and what to do with those that are ticked. */

import { descends, distinct, labelFits, rank } from '../../compare-model';
import { button, checkbox, el } from '../../dom';
import { count, counted, number } from '../../numbers';
import { fields, parse } from '../../packing';
import { MOST_RUNS } from '../../protocol';
import type { ListedRuns } from '../../protocol';
import { choice } from '../../parts/choice';
import { VirtualTable } from '../../parts/virtual';
import type { Column } from '../../parts/virtual';
import { canCompare, tickedText } from './ticked';

export interface Choice {
  readonly label: string;
  readonly name: string;
  readonly revision: number;
  readonly user: string;
  readonly source: string;
  readonly started: number;
  /** The day where the user is: `2026-01-31`. */
  readonly day: string;
  readonly metrics: readonly (number | null)[];
}

export interface Filter {
  readonly text: string;
  readonly user: string;
  readonly source: string;
  readonly from: string;
  readonly to: string;
}

export function choicesOf(list: ListedRuns): Choice[] {
  return list.runs.map(text => {
    const [label = '', user = '', source = '', started, ...metrics] = fields(text);
    const cut = label.lastIndexOf('#');
    const time = parse(started) ?? 0;
    return {
      label,
      name: label.slice(0, cut),
      revision: Number(label.slice(cut + 1)),
      user,
      source,
      started: time,
      day: dayOf(time),
      metrics: metrics.map(parse)
    };
  });
}

/** Whether a run is looked for. */
export function fits(run: Choice, filter: Filter): boolean {
  return (
    (filter.user === '' || run.user === filter.user) &&
    (filter.source === '' || run.source === filter.source) &&
    (filter.from === '' || run.day >= filter.from) &&
    (filter.to === '' || run.day <= filter.to) &&
    labelFits(run.label, filter.text)
  );
}

/**
 * Draw the list.
 *
 * @param ticked labels that are ticked at first.
 * @param done is given the labels that were chosen, the earliest run first; null: none were.
 */
export function picker(
  list: ListedRuns,
  ticked: readonly string[],
  done: (labels: string[] | null) => void
): HTMLElement {
  const runs = choicesOf(list);
  const known = new Set(runs.map(run => run.label));
  const chosen = new Set(ticked.filter(label => known.has(label)));
  let latest = false;
  let onlyTicked = false;
  const newest = new Map<string, number>();
  for (const run of runs) {
    newest.set(run.name, Math.max(newest.get(run.name) ?? 0, run.revision));
  }

  const search = el('input', {
    type: 'search',
    class: 'zen-search',
    placeholder: 'Name or #revision',
    'aria-label': 'Filter by name or #revision'
  });
  const user = select(
    'User',
    'all users',
    runs.map(run => run.user)
  );
  const source = select(
    'Datasource',
    'all datasources',
    runs.map(run => run.source)
  );
  const from = el('input', { type: 'date', class: 'zen-search zen-date', 'aria-label': 'From' });
  const to = el('input', { type: 'date', class: 'zen-search zen-date', 'aria-label': 'To' });
  const shown = el('span', { class: 'zen-count', role: 'status' });
  const said = el('span', { class: 'zen-ticked-count', role: 'status' });
  const compare = button(
    'Compare',
    () => {
      const inOrder = runs.filter(run => chosen.has(run.label));
      inOrder.sort((a, b) => a.started - b.started);
      done(inOrder.map(run => run.label));
    },
    { class: 'zen-button zen-primary', 'data-action': 'compare' }
  );
  const table = new VirtualTable<Choice>({
    label: 'Runs',
    columns: columnsOf(list),
    name: run => run.label,
    ticked: run => chosen.has(run.label),
    tick: (run, on) => {
      if (!on) {
        chosen.delete(run.label);
      } else if (chosen.size < MOST_RUNS) {
        chosen.add(run.label);
      }
      count_();
    }
  });
  const count_ = () => {
    said.textContent = tickedText(chosen.size);
    compare.disabled = !canCompare(chosen.size);
  };
  const filter = () => {
    const wanted: Filter = {
      text: search.value,
      user: user.selectedIndex > 0 ? user.value : '',
      source: source.selectedIndex > 0 ? source.value : '',
      from: from.value,
      to: to.value
    };
    const found = runs.filter(
      run =>
        fits(run, wanted) &&
        (!latest || run.revision === newest.get(run.name)) &&
        (!onlyTicked || chosen.has(run.label))
    );
    table.show(found);
    const all = counted(runs.length, 'run');
    shown.textContent = found.length === runs.length ? all : `${count(found.length)} of ${all}`;
  };
  for (const control of [search, user, source, from, to]) {
    control.addEventListener('input', filter);
  }
  const node = el(
    'section',
    { class: 'zen-picker', 'aria-label': 'Choose runs' },
    el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'Which runs are listed' },
      search,
      user,
      source,
      el('span', { class: 'zen-dates' }, from, '–', to),
      checkbox('Only latest revisions', false, on => {
        latest = on;
        filter();
      }),
      checkbox('Only ticked', false, on => {
        onlyTicked = on;
        filter();
      }),
      shown
    ),
    table.node,
    ...(list.notes ?? []).map(note => el('p', { class: 'zen-note' }, el('bdi', {}, note))),
    el(
      'div',
      { class: 'zen-controls zen-choice' },
      compare,
      button('Cancel', () => {
        done(null);
      }),
      button(
        'Clear',
        () => {
          chosen.clear();
          count_();
          filter();
        },
        { 'aria-label': 'Untick all' }
      ),
      said
    )
  );
  node.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      done(null);
    }
  });
  filter();
  count_();
  return node;
}

function columnsOf(list: ListedRuns): Column<Choice>[] {
  const metrics = (list.metrics ?? []).map(fields);
  return [
    { title: 'run', cell: run => el('bdi', {}, run.label), key: run => run.label },
    {
      title: 'user',
      cell: run => el('bdi', {}, run.user),
      key: run => run.user,
      priority: 2,
      holds: 'name'
    },
    {
      title: 'data',
      cell: run => el('bdi', {}, run.source),
      key: run => run.source,
      priority: 2,
      holds: 'name'
    },
    {
      title: 'started',
      cell: run => when(run.started),
      key: run => run.started,
      descending: true,
      holds: 'time'
    },
    ...metrics.slice(0, 2).map(([title = '', better = ''], k): Column<Choice> => ({
      title,
      cell: run => number(run.metrics[k]),
      key: run => rank(better, run.metrics[k] ?? null),
      descending: descends(better),
      align: 'right',
      priority: k === 0 ? 1 : 2,
      holds: 'metric'
    }))
  ];
}

function select(label: string, all: string, values: readonly string[]): HTMLSelectElement {
  return choice(label, [all, ...distinct(values)]);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function dayOf(milliseconds: number): string {
  const time = new Date(milliseconds);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function when(milliseconds: number): HTMLElement {
  const time = new Date(milliseconds);
  const minute = ` ${two(time.getHours())}:${two(time.getMinutes())}`;
  return el('span', {}, dayOf(milliseconds), el('span', { class: 'zen-minute' }, minute));
}
