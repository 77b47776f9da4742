/** What a run's payload says of its steps, and how its parameters are written. */

import { fields } from './packing';
import type { RunPayload, RunStep } from './payloads';

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export interface Output {
  readonly name: string;
  readonly format: string;
  readonly rows: string;
  readonly what: string;
}

/** How far a step came, as the static table has it: what it says of none is done here. */
export function storedState(payload: RunPayload, step: RunStep): string {
  const done = (step.outputs ?? []).length > 0 || (step.metrics ?? []).length > 0;
  if (payload.status === 'succeeded') {
    return done ? 'done' : 'left out';
  }
  if (payload.failure?.slot === step.slot) {
    return payload.status === 'interrupted' ? 'interrupted' : 'failed';
  }
  return done ? 'done' : 'not run';
}

/** The words of `why` for what came of a step, as they stand in the graph. */
export function toldState(state: string): string {
  return { hit: 'cached', 'not reached': 'not run' }[state] ?? state;
}

export function outputOf(row: string): Output {
  const [name = '', format = '', rows = '', what = ''] = fields(row);
  return { name, format, rows, what };
}

const OPEN = '([{';
const CLOSE = ')]}';

/**
 * Split `a=1, b=[2, 3], c='x, y'` at the commas between parameters.
 *
 * The text may be cut anywhere; its last parameter then is what is left of it.
 */
export function parametersOf(text: string): Parameter[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let part = '';
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    if (quote) {
      if (c === '\\') {
        part += c;
        i += 1;
      } else if (c === quote) {
        quote = '';
      }
    } else if (c === "'" || c === '"') {
      quote = c;
    } else if (OPEN.includes(c)) {
      depth += 1;
    } else if (CLOSE.includes(c)) {
      depth -= 1;
    } else if (c === ',' && depth <= 0) {
      parts.push(part);
      part = '';
      continue;
    }
    part += text.charAt(i);
  }
  parts.push(part);
  return parts
    .map(p => p.trim())
    .filter(Boolean)
    .map(p => {
      const [, name = '', value = p] = /^(\w+)=(.*)$/su.exec(p) ?? [];
      return { name, value };
    });
}
