/** What a step of a run was given and made: what the notebook stores of it. */

import { el } from '../../dom';
import type { Child } from '../../dom';
import { counted, written } from '../../numbers';
import { fields } from '../../packing';
import type { RunStep } from '../../payloads';
import { outputOf, parametersOf } from '../../run-model';

/** All that were given; defaults are not. */
export function parameters(step: RunStep): Child {
  const found = parametersOf(step.parameters ?? '');
  if (found.length === 0) {
    return fact('Parameters', el('p', { class: 'zen-dim' }, 'all as by default'));
  }
  return fact(
    'Parameters',
    el(
      'table',
      { class: 'zen-small', 'aria-label': `Parameters of ${step.slot}` },
      el(
        'tbody',
        {},
        ...found.map(p =>
          el('tr', {}, el('th', { scope: 'row' }, p.name), el('td', {}, el('code', {}, p.value)))
        )
      )
    )
  );
}

export function outputs(step: RunStep): Child {
  const found = (step.outputs ?? []).map(outputOf);
  if (found.length === 0) {
    return fact('Outputs', el('p', { class: 'zen-dim' }, 'none'));
  }
  const rows = found.map(o =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'zen-value' }, el('bdi', {}, o.name)),
      el('td', {}, o.rows ? counted(Number(o.rows), 'row') : el('bdi', {}, o.what)),
      el('td', { class: 'zen-dim' }, o.format)
    )
  );
  return fact(
    'Outputs',
    el(
      'table',
      { class: 'zen-small', 'aria-label': `Outputs of ${step.slot}` },
      el('tbody', {}, ...rows)
    )
  );
}

/** Null where it has none. */
export function metrics(step: RunStep): Child {
  const found = (step.metrics ?? []).map(fields);
  if (found.length === 0) {
    return null;
  }
  const rows = found.map(([name = '', value]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'zen-value' }, el('bdi', {}, name)),
      el('td', { class: 'zen-right' }, written(value))
    )
  );
  return fact(
    'Metrics',
    el(
      'table',
      { class: 'zen-small', 'aria-label': `Metrics of ${step.slot}` },
      el('tbody', {}, ...rows)
    )
  );
}

/** One of them, with its title. */
export function fact(title: string, content: Child): HTMLElement {
  return el('div', { class: 'zen-fact' }, el('h5', { class: 'zen-fact-title' }, title), content);
}
