/** Curves of several runs over each other, and their numbers. */

import type { Curve, Curves, Run } from '../../compare-model';
import { checkbox, el, replace } from '../../dom';
import { at } from '../../evaluation-model';
import { MISSING, count, number, percent } from '../../numbers';
import { axis, chart, plain, stroke } from '../../parts/chart';
import type { Chart, Figure, Theme } from '../../parts/chart';
import { choice } from '../../parts/choice';
import { RATES, diagonal, rateAxes } from '../../parts/rates';
import { small } from '../../parts/small';
import { legend } from './legend';

const STEP = 'step';

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
  const choose = choice('Which curves', groups.map(titleOf));
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
  return group.kind === 'series'
    ? group.name
    : [RATES[group.kind].title, group.name].filter(Boolean).join(' · ');
}

function figure(group: Curves, runs: readonly Run[], log: boolean, theme: Theme): Figure {
  const { kind } = group;
  const x = kind === 'series' ? STEP : RATES[kind].x;
  return {
    data: [
      ...(kind === 'roc' ? [diagonal(theme)] : []),
      ...group.curves.map(curve => ({
        type: 'scatter',
        mode: curve.x.length > 1 ? 'lines' : 'markers',
        name: plain(runs[curve.run]?.label ?? ''),
        x: curve.x,
        y: curve.y,
        text: curve.x.map((at, i) => `${x} ${number(at)}: ${number(curve.y[i])}`),
        hovertemplate: '%{text}',
        line: stroke(theme, curve.run)
      }))
    ],
    layout: {
      margin: { l: 56, r: 12, t: 34, b: 40 },
      showlegend: true,
      ...(kind === 'series' ? stepAxes(group, log, theme) : rateAxes(theme, kind))
    }
  };
}

function stepAxes(group: Curves, log: boolean, theme: Theme): object {
  return {
    xaxis: axis(theme, { title: { text: STEP, standoff: 8 }, nticks: 6 }),
    yaxis: axis(theme, {
      title: { text: plain(group.name), standoff: 8 },
      nticks: 6,
      type: log ? 'log' : 'linear'
    })
  };
}

function table(group: Curves, runs: readonly Run[]): HTMLElement {
  const label = `Numbers of ${titleOf(group)}`;
  const { kind } = group;
  if (kind === 'series') {
    return small(
      label,
      ['run', 'first', 'last', 'at step', 'least', 'greatest'],
      group.curves.map(curve => [
        named(curve, runs),
        number(curve.y[0]),
        number(curve.y.at(-1)),
        count(curve.x.at(-1)),
        extreme(Math.min, curve.y),
        extreme(Math.max, curve.y)
      ])
    );
  }
  const { x, y, levels } = RATES[kind];
  return small(
    label,
    [`${y} at ${x}`, ...levels.map(level => percent(level))],
    group.curves.map(curve => [
      named(curve, runs),
      ...levels.map(level => percent(at(curve.x, curve.y, level)))
    ])
  );
}

function named(curve: Curve, runs: readonly Run[]): HTMLElement {
  return legend(runs[curve.run]?.label ?? MISSING, curve.run);
}

/** Of a training that came to nothing, no value is known. */
function extreme(of: (...values: number[]) => number, values: readonly number[]): string {
  const known = values.filter(value => !Number.isNaN(value));
  return known.length > 0 ? number(of(...known)) : MISSING;
}
