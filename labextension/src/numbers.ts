/** How numbers are written for people, as in `zenlab/views/numbers.py` and `times.py`. */

export const MISSING = '–';

/** A measurement, with four significant digits that line up. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return MISSING;
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? 'inf' : '-inf';
  }
  if (value === 0) {
    return '0';
  }
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${mantissa}e${power}`;
  }
  return grouped(Number(`${mantissa}e${power}`), Math.max(digits - 1 - power, 0));
}

/** A count, with all its digits. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? MISSING : grouped(value, 0);
}

/** A number as a payload has it: `12` is a count, `12.0` was measured. */
export function written(text: string | undefined): string {
  if (!text) {
    return MISSING;
  }
  return /^-?\d+$/.test(text) ? count(Number(text)) : number(Number(text));
}

/** How far a value is above or below another, with the decimals with which both are shown. */
export function difference(value: number | null, base: number | null | undefined): string {
  if (value === null || base === null || base === undefined || Number.isNaN(value - base)) {
    return MISSING;
  }
  const decimals = [value, base].map(v => number(v).split('.')[1]?.length ?? 0);
  const text = grouped(Math.abs(value - base), Math.min(Math.max(...decimals), 9));
  if (Number(text.replaceAll(',', '')) === 0) {
    return '= 0';
  }
  return value > base ? `▲ +${text}` : `▼ -${text}`;
}

/** A share of one as a percentage; what is rare keeps two digits instead of becoming 0. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) {
    return MISSING;
  }
  if (share === 0 || share === 1) {
    return `${100 * share}%`;
  }
  return Math.abs(share) >= 0.001 ? `${(100 * share).toFixed(1)}%` : `${number(100 * share, 2)}%`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms']
];

/** A duration among the data, in the greatest unit of which it has one. */
export function span(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) {
    return MISSING;
  }
  for (const [size, unit] of UNITS) {
    if (Math.abs(seconds) >= size) {
      return `${number(seconds / size)} ${unit}`;
    }
  }
  return `${number(seconds)} s`;
}

/** How long something took, in its two greatest units. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) {
    return `${(1000 * seconds).toFixed(0)} ms`;
  }
  if (seconds < 59.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  for (const [size, unit, part, small] of LONG) {
    if (whole >= size) {
      return `${Math.floor(whole / size)} ${unit} ${Math.floor((whole % size) / part)} ${small}`;
    }
  }
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const LONG = [
  [86_400, 'd', 3_600, 'h'],
  [3_600, 'h', 60, 'min']
] as const;

/** A time: its day, and the minute where it is not midnight. */
export function moment(seconds: number): string {
  const time = new Date(1000 * Math.round(seconds));
  if (Number.isNaN(time.getTime())) {
    return number(seconds);
  }
  const text = time
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, '')
    .replace('T', ' ');
  return text.replace(/ 00:00$/, '');
}

/** A word for one or several: `counted(2, 'column')` is "2 columns". */
export function counted(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`;
}

function grouped(value: number, places: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: places,
    maximumFractionDigits: places
  });
}
