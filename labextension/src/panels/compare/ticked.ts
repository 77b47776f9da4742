/** What becomes of runs that are ticked. */

import { count } from '../../numbers';
import { MOST_RUNS } from '../../protocol';

const DETAILED = 5; // as in zenlab/pipelines/compare/side_by_side.py

/** How many are ticked, and how they are compared. */
export function tickedText(ticked: number): string {
  const how =
    ticked < 2
      ? 'tick two or more'
      : ticked <= DETAILED
        ? 'in detail'
        : ticked < MOST_RUNS
          ? `as a list (in detail up to ${DETAILED})`
          : 'as a list; there is room for no more';
  return `${count(ticked)} ticked: ${how}`;
}
