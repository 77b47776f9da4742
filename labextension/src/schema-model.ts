/** A schema as it is drawn: the strings of a payload read once, as `schema_document.py` does. */

import { count, percent, written } from './numbers';
import { fields, parse } from './packing';
import type { SchemaColumn, SchemaPayload } from './payloads';

/** What a type of TFDV's is called. */
const TYPES: Readonly<Record<string, string>> = {
  INT: 'integer',
  FLOAT: 'number',
  BYTES: 'text',
  STRUCT: 'nested',
  UNKNOWN: 'anything'
};

/** What a schema says of a column, in words; what it does not say is empty. */
export interface Rule {
  readonly name: string;
  readonly type: string;
  readonly presence: string;
  readonly values: string;
  readonly range: string;
  readonly perRow: string;
  readonly environments: string;
  readonly drift: string;
  readonly skew: string;
  readonly notes: string;
}

export function rule(column: SchemaColumn): Rule {
  const [
    kind = '',
    required,
    share,
    low = '',
    high = '',
    least = '',
    most = '',
    size,
    distinct,
    drift = '',
    skew = ''
  ] = fields(column.rule);
  const several = [
    column.environments?.length && `only ${column.environments.join(', ')}`,
    column.not_in_environments?.length && `not ${column.not_in_environments.join(', ')}`
  ];
  const values = valuesOf(column, parse(size));
  const rows = values && distinct ? ` (${percent(parse(distinct))} of the rows or more)` : '';
  const optional = parse(share) ? `in ${percent(parse(share))} or more` : 'optional';
  return {
    name: column.name,
    type: TYPES[kind] ?? kind,
    presence: required ? 'required' : optional,
    values: values + rows,
    range: range(least, most),
    perRow: range(low, high === '0' ? '' : high, '1'),
    environments: several.filter(Boolean).join(', '),
    drift: threshold(drift),
    skew: threshold(skew),
    notes: [column.sensitive && 'sensitive', column.deprecated && 'deprecated']
      .filter(Boolean)
      .join(', ')
  };
}

/** The thresholds that all columns have, which is the rule: nobody reads them twenty times. */
export function common(
  payload: SchemaPayload,
  rules: readonly Rule[]
): Map<'drift' | 'skew', string> {
  const found = new Map<'drift' | 'skew', string>();
  if (rules.length < 2 || rules.length !== payload.total) {
    return found;
  }
  for (const name of ['drift', 'skew'] as const) {
    const [text = '', ...others] = new Set(rules.map(r => r[name]));
    if (text && others.length === 0) {
      found.set(name, text);
    }
  }
  return found;
}

/** Whether a schema is the same as a stored one, as far as that goes. */
export function begins(whole: SchemaPayload, stored: SchemaPayload): boolean {
  return (
    whole.total === stored.total &&
    stored.columns.every(({ name, rule: said }, i) => {
      const other = whole.columns[i];
      // Of a payload that is cut, names are, too.
      return other?.rule === said && other.name.startsWith(name.replace(/…$/, ''));
    })
  );
}

/** Whether a column is one of those that are looked for. */
export function matches(
  r: Rule,
  filter: { text: string; type: string; presence: string }
): boolean {
  const wanted = filter.text.trim().toLowerCase();
  return (
    (filter.type === '' || r.type === filter.type) &&
    (filter.presence === '' || (r.presence === 'required') === (filter.presence === 'required')) &&
    [r.name, r.values, r.environments, r.notes].some(text => text.toLowerCase().includes(wanted))
  );
}

function valuesOf(column: SchemaColumn, size: number | null): string {
  if (size === null) {
    return '';
  }
  const shown = column.values ?? [];
  if (column.sensitive || shown.length === 0) {
    return `${count(size)}, not shown`;
  }
  const more = size > shown.length ? ` and ${count(size - shown.length)} more` : '';
  return `${shown.join(', ')}${more}`;
}

function range(least: string, most: string, usual = ''): string {
  const [low, high] = [least && written(least), most && written(most)];
  if (low && low === high) {
    return low === usual ? '' : low;
  }
  if (low && high) {
    return `${low} … ${high}`;
  }
  return low ? `≥ ${low}` : high ? `≤ ${high}` : '';
}

/** Six digits without the zeros at their end. */
function threshold(text: string): string {
  return text ? String(Number(Number(text).toPrecision(6))) : '';
}
