/** The pictures of a comparison: parallel coordinates, and curves over each other. */

import { curvesOf, equal, filled } from '../../compare-model';
import { el } from '../../dom';
import type { Axis } from './axes';
import { curves } from './curves';
import { parallel } from './parallel';
import { section } from './section';
import type { Shown } from './state';

const MOST_AXES = 12;
const LEAST_METRICS = 4; // have an axis, however many parameters there are

export function pictures(shown: Shown): HTMLElement {
  const { payload, runs, labels, frame } = shown;
  const onDispose = (action: () => void) => {
    frame.onDispose(action);
  };
  const axes = axesOf(shown);
  const groups = curvesOf(payload.series ?? [], runs);
  return el(
    'div',
    { class: 'zen-pictures' },
    axes.length > 1 && runs.length > 1
      ? section(
          'Parameters and metrics',
          parallel(
            axes,
            labels,
            found => {
              shown.inRange.set(found);
            },
            onDispose
          ),
          'Each line is a run: point at one, or choose it. Draw along axes for the runs in a range.'
        )
      : null,
    groups.length > 0 ? section('Curves', curves(groups, runs, onDispose)) : null
  );
}

function axesOf({ payload, runs, metrics }: Shown): Axis[] {
  const parameters = (payload.parameters ?? [])
    .map((name, k) => ({ name, values: runs.map(run => filled(run.parameters[k])) }))
    .filter(axis => !equal(axis.values));
  const measured = metrics
    .map((metric, k) => ({
      name: metric.title,
      better: metric.better,
      values: runs.map(run => run.metrics[k] ?? null)
    }))
    .filter(axis => !equal(axis.values))
    .slice(0, Math.max(MOST_AXES - parameters.length, LEAST_METRICS));
  return [...parameters.slice(0, MOST_AXES - measured.length), ...measured];
}
