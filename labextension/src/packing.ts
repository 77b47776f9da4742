/** How a payload packs rows and series: `zenlab/views/packing.py` is the other side. */

/** Split a row. */
export function fields(row: string): string[] {
  return row.split('\t');
}

/** Read a number; what is missing is null. */
export function parse(text: string | undefined): number | null {
  if (text === undefined || text === '' || text === '-') {
    return null;
  }
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

/** Split a series; what is missing is NaN. */
export function series(text: string | undefined): number[] {
  return words(text).map(item => parse(item) ?? NaN);
}

/** Split a series into its items. */
export function words(text: string | undefined): string[] {
  return text ? text.split(' ').filter(Boolean) : [];
}
