/** Ranges by the keyboard: two numbers an axis, or the names that are wanted. */

import { button, checkbox, el } from '../../dom';
import { OWN_KEYS } from '../../parts/choice';
import type { Scale } from './axes';
import { endText } from './ranges';
import type { Range, Ranges } from './ranges';

/** Tells of an axis and the range that it is to have; null: none. */
export type Change = (axis: number, range: Range | null) => void;

export interface RangeControls {
  readonly node: HTMLElement;
  /** Show ranges that were chosen elsewhere. */
  show(ranges: Ranges): void;
}

export function rangeControls(scales: readonly Scale[], change: Change): RangeControls {
  const made = scales.map((scale, axis) => {
    const changed = (range: Range | null) => {
      change(axis, range);
    };
    return scale.numbers ? numbersOf(scale, changed) : namesOf(scale, changed);
  });
  const count = el('span');
  const node = el(
    'details',
    { class: 'zen-ranges' },
    el('summary', {}, 'Ranges', count),
    el('div', { class: 'zen-range-list' }, ...made.map(one => one.node))
  );
  return {
    node,
    show: ranges => {
      count.textContent = ranges.size > 0 ? ` (${ranges.size})` : '';
      made.forEach((one, axis) => {
        one.show(ranges.get(axis) ?? null);
      });
    }
  };
}

interface Control {
  readonly node: HTMLElement;
  show(range: Range | null): void;
}

function numbersOf(scale: Scale, changed: (range: Range | null) => void): Control {
  const { low = 0, high = 0 } = scale.numbers ?? {};
  const end = (which: string, otherwise: number) =>
    el('input', {
      type: 'number',
      step: 'any',
      class: 'zen-search zen-range-end',
      placeholder: endText(otherwise),
      'aria-label': `${scale.name} ${which}`,
      ...OWN_KEYS
    });
  const [from, to] = [end('from', low), end('to', high)];
  const read = (input: HTMLInputElement) => (input.value === '' ? null : Number(input.value));
  for (const input of [from, to]) {
    input.addEventListener('change', () => {
      const range = { from: read(from), to: read(to) };
      changed(range.from === null && range.to === null ? null : range);
    });
  }
  const clear = cleared(scale, changed);
  return {
    node: row(scale, el('span', { class: 'zen-range-ends' }, from, '–', to), clear),
    show: range => {
      clear.hidden = range === null;
      const [a, b] = range && 'from' in range ? [range.from, range.to] : [null, null];
      from.value = a === null ? '' : String(a);
      to.value = b === null ? '' : String(b);
    }
  };
}

function namesOf(scale: Scale, changed: (range: Range | null) => void): Control {
  const wanted = new Set<string>();
  const names = [...scale.ticks].reverse().map(([, name]) => name); // as they stand on the axis
  const boxes = names.map(name =>
    checkbox(name, false, on => {
      if (on) {
        wanted.add(name);
      } else {
        wanted.delete(name);
      }
      changed(wanted.size > 0 ? { names: new Set(wanted) } : null);
    })
  );
  const clear = cleared(scale, changed);
  return {
    node: row(scale, el('span', { class: 'zen-range-names' }, ...boxes), clear),
    show: range => {
      clear.hidden = range === null;
      wanted.clear();
      if (range && 'names' in range) {
        range.names.forEach(name => wanted.add(name));
      }
      boxes.forEach((box, i) => {
        const input = box.querySelector('input');
        if (input) {
          input.checked = wanted.has(names[i] ?? '');
        }
      });
    }
  };
}

function cleared(scale: Scale, changed: (range: Range | null) => void): HTMLButtonElement {
  return button(
    'Clear',
    () => {
      changed(null);
    },
    { 'aria-label': `Clear the range of ${scale.name}` }
  );
}

function row(scale: Scale, control: HTMLElement, clear: HTMLElement): HTMLElement {
  return el(
    'div',
    { class: 'zen-range', role: 'group', 'aria-label': `Range of ${scale.name}` },
    el('bdi', { class: 'zen-range-name' }, scale.name),
    control,
    clear
  );
}
