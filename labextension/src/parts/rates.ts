/** Curves of an evaluation: what they are called, what their axes are, where they are read off. */

import { axis } from './chart';
import type { Theme } from './chart';

export type Kind = 'roc' | 'precision_recall' | 'calibration';

interface About {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Where a curve is read for those who want numbers. */
  readonly levels: readonly number[];
  /** The one of them that says most. */
  readonly level: number;
}

export const RATES: Readonly<Record<Kind, About>> = {
  roc: {
    title: 'ROC',
    x: 'false positive rate',
    y: 'true positive rate',
    levels: [0.01, 0.05, 0.1, 0.25, 0.5],
    level: 0.1
  },
  precision_recall: {
    title: 'Precision and recall',
    x: 'recall',
    y: 'precision',
    levels: [0.1, 0.25, 0.5, 0.75, 0.9],
    level: 0.5
  },
  calibration: {
    title: 'Calibration',
    x: 'predicted probability',
    y: 'observed share',
    levels: [],
    level: 0.5
  }
};

/** Axes from 0 to 100%, with room for a line on the edge. */
export function rateAxes(theme: Theme, kind: Kind): { xaxis: object; yaxis: object } {
  const shares = { range: [-0.02, 1.02], tickformat: '.0%', nticks: 6, zeroline: false };
  const { x, y } = RATES[kind];
  return {
    xaxis: axis(theme, { ...shares, title: { text: x, standoff: 6 } }),
    yaxis: axis(theme, { ...shares, title: { text: y, standoff: 6 } })
  };
}

/** What chance would do: of a ROC curve; what is meant: of a calibration. */
export function diagonal(theme: Theme): object {
  return {
    type: 'scatter',
    mode: 'lines',
    x: [0, 1],
    y: [0, 1],
    hoverinfo: 'skip',
    showlegend: false,
    line: { color: theme.text, width: 1, dash: 'dot' },
    opacity: 0.5
  };
}
