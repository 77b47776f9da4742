/** What becomes of runs that are ticked. */

import { count } from '../../numbers';
import { MOST_RUNS } from '../../protocol';

const DETAILED = 5; // as in zenlab/pipelines/compare/side_by_side.py

/** Whether so many can be compared. */
export function canCompare(ticked: number): boolean {
  return ticked >= 2 && ticked <= MOST_RUNS;
}

/** How many are ticked, and how they are compared. */
export function tickedText(ticked: number): string {
  const how =
    ticked < 2
      ? 'tick two or more'
      : ticked <= DETAILED
        ? 'in detail'
        : ticked < MOST_RUNS
          ? `as a list (in detail up to ${DETAILED})`
          : ticked === MOST_RUNS
            ? 'as a list; there is room for no more'
            : `too many, up to ${MOST_RUNS} can be compared`;
  return `${count(ticked)} ticked: ${how}`;
}
