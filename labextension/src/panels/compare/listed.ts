/** A list of many runs: looked through by filters, ticked, and those that are ticked compared. */

import { distinct, labelFits } from '../../compare-model';
import type { Run } from '../../compare-model';
import { button, checkbox, el } from '../../dom';
import type { Child } from '../../dom';
import { count, counted } from '../../numbers';
import { choice } from '../../parts/choice';
import { needsKernel } from '../../parts/needs-kernel';
import type { SortableTable } from '../../parts/table';
import type { Shown } from './state';
import { canCompare, tickedText } from './ticked';

/** Draw what stands above and below a list of runs, and the list. */
export function listedRuns(shown: Shown, table: SortableTable<Run>): readonly HTMLElement[] {
  return [filters(shown, table), table.node, actions(shown)];
}

function filters(shown: Shown, table: SortableTable<Run>): HTMLElement {
  const { runs } = shown;
  const search = el('input', {
    type: 'search',
    class: 'zen-search',
    placeholder: 'Name or #revision',
    'aria-label': 'Filter by name or #revision'
  });
  const user = several('User', 'all users', runs, run => run.user);
  const source = several('Datasource', 'all datasources', runs, run => run.source);
  const said = el('span', { class: 'zen-count', role: 'status' });
  let onlyTicked = false;
  let onlyInRange = false;
  const filter = () => {
    table.filter(
      run =>
        labelFits(run.label, search.value) &&
        (!user || user.selectedIndex === 0 || run.user === user.value) &&
        (!source || source.selectedIndex === 0 || run.source === source.value) &&
        (!onlyTicked || shown.ticked.value.has(run.place)) &&
        (!onlyInRange || shown.inRange.value?.has(run.place) !== false)
    );
    said.textContent =
      table.shown === runs.length
        ? counted(runs.length, 'run')
        : `${count(table.shown)} of ${counted(runs.length, 'run')}`;
  };
  for (const control of [search, user, source]) {
    control?.addEventListener('input', filter);
  }
  shown.ticked.onChange(() => {
    // A row whose own box is clicked stays, so that it can be ticked again.
    if (onlyTicked && !table.node.contains(document.activeElement)) {
      filter();
    }
  });
  filter();
  return el(
    'div',
    { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'Which runs are listed' },
    search,
    user,
    source,
    checkbox('Only ticked', false, on => {
      onlyTicked = on;
      filter();
    }),
    rangeActions(shown, on => {
      onlyInRange = on;
      filter();
    }),
    said
  );
}

/** What can be done with the runs in range, while there is a range. */
function rangeActions({ inRange, ticked }: Shown, only: (on: boolean) => void): HTMLElement {
  let isOn = false;
  const tick = button(
    '',
    () => {
      ticked.set(new Set([...ticked.value, ...(inRange.value ?? [])]));
    },
    { 'data-action': 'tick-range' }
  );
  const node = el(
    'span',
    { class: 'zen-controls' },
    checkbox('Only in range', false, on => {
      isOn = on;
      only(on);
    }),
    tick
  );
  inRange.follow(places => {
    node.hidden = places === null;
    tick.textContent = `Tick the ${count(places?.size ?? 0)} in range`;
    if (isOn) {
      only(true);
    }
  });
  return node;
}

/** Nothing to choose from where all are of one. */
function several(
  label: string,
  all: string,
  runs: readonly Run[],
  of: (run: Run) => string
): HTMLSelectElement | null {
  const known = distinct(runs.map(of));
  return known.length > 1 ? choice(label, [all, ...known]) : null;
}

function actions(shown: Shown): HTMLElement {
  const { runs, ticked, baseline, frame } = shown;
  const compare = button(
    'Compare',
    () => {
      const chosen = runs.filter(run => ticked.value.has(run.place));
      const base = chosen.findIndex(run => run.place === baseline.value);
      void shown.compare(
        chosen.map(run => run.label),
        Math.max(base, 0)
      );
    },
    { class: 'zen-button zen-primary', 'data-action': 'compare-ticked' }
  );
  const clear = button(
    'Clear',
    () => {
      ticked.set(new Set());
    },
    { 'aria-label': 'Untick all' }
  );
  const said = el('span', { class: 'zen-ticked-count', role: 'status' });
  ticked.follow(places => {
    said.textContent = tickedText(places.size);
    compare.disabled = !canCompare(places.size);
    clear.disabled = places.size === 0;
  });
  return el(
    'div',
    { class: 'zen-controls zen-choice', role: 'group', 'aria-label': 'What is ticked' },
    needsKernel(frame, compare, 'To compare those that are ticked needs a kernel with zenlab.'),
    clear,
    said
  );
}

/** The box of a run. */
export function tickOf({ ticked }: Shown, run: Run): Child {
  const box = el('input', {
    type: 'checkbox',
    class: 'zen-tick-box',
    'aria-label': `Compare ${run.label}`
  });
  box.addEventListener('change', () => {
    const places = new Set(ticked.value);
    if (box.checked) {
      places.add(run.place);
    } else {
      places.delete(run.place);
    }
    ticked.set(places);
  });
  ticked.follow(places => {
    box.checked = places.has(run.place);
  });
  return box;
}
