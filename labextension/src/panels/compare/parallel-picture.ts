/** Parallel coordinates as a picture: an axis a parameter or a metric, a line a run. */

import { replace, svg } from '../../dom';
import { shortened } from '../../parts/chart';
import { shortest } from './axes';
import type { Scale } from './axes';
import { MOST_LINES, dashes } from './legend';
import { spans } from './ranges';
import type { Range, Ranges } from './ranges';

const WIDE = 96; // an axis needs so much room, else they lie one below the other
const HEIGHT = 280;
const ROW = 58;
const LETTER = 6.3; // its width, and that of one of a name
const BOLD = 7.4;
const LACKS = 'none';
const NEAR = 14; // so far from an axis a pointer is on it
const BAND = 14; // how wide a range is drawn
const NAME = 7; // how far one reaches around a name

export interface Picture {
  readonly node: SVGSVGElement;
  /** One a run. */
  readonly lines: readonly SVGElement[];
  /** Draw the ranges of axes. */
  mark(ranges: Ranges): void;
  /** The axis at a point of the picture, or null. */
  axisAt(x: number, y: number): number | null;
  /** The place from 0 to 1 of an axis that is nearest to a point. */
  placeAt(axis: number, x: number, y: number): number;
}

/** Where axes stand: side by side, or where there is little room, one below the other. */
interface Layout {
  readonly width: number;
  readonly height: number;
  readonly down: boolean;
  /** Of an axis, in pixels. */
  readonly length: number;
  /** For the name of an axis and for its ticks, in letters. */
  readonly room: number;
  /** Null: what has no value, before the axis begins. */
  readonly point: (axis: number, place: number | null) => readonly [number, number];
}

function layoutOf(scales: readonly Scale[], width: number): Layout {
  const down = width / scales.length < WIDE;
  const height = down ? (scales.length - 1) * ROW + 50 : HEIGHT;
  const step = down ? ROW : (width - WIDE) / Math.max(scales.length - 1, 1);
  const [top, bottom, left, right] = [34, height - 30, 52, width - 34];
  const gap = down ? 34 : 20;
  const length = down ? right - left : bottom - top;
  return {
    width,
    height,
    down,
    length,
    room: Math.floor(((down ? width : step) - 8) / LETTER),
    point: (axis, place) =>
      down
        ? [place === null ? left - gap : left + place * length, 26 + axis * step]
        : [20 + axis * step, place === null ? bottom + gap : bottom - place * length]
  };
}

export function picture(
  scales: readonly Scale[],
  labels: readonly string[],
  width: number
): Picture {
  const layout = layoutOf(scales, width);
  const { down, point } = layout;
  const bands = svg('g', { class: 'zen-bands' });
  const lines = labels.map((label, run) => runLine(label, run, labels.length, scales, layout));
  const node = svg(
    'svg',
    {
      class: 'zen-parallel-svg',
      width,
      height: layout.height,
      viewBox: `0 0 ${width} ${layout.height}`,
      role: 'img',
      'aria-label': `Parallel coordinates of ${labels.length} runs: ${scales.map(s => s.name).join(', ')}`
    },
    ...scales.map((_, axis) => axisLine(axis, layout)),
    bands,
    svg('g', {}, ...lines),
    // Over the lines, with an edge of the ground's colour.
    svg('g', { class: 'zen-over' }, ...scales.flatMap((_, axis) => axisTexts(scales, axis, layout)))
  );
  const along = (axis: number, x: number, y: number) => {
    const [[x0, y0], [x1, y1]] = [point(axis, 0), point(axis, 1)];
    return down ? (x - x0) / (x1 - x0) : (y - y0) / (y1 - y0);
  };
  return {
    node,
    lines,
    mark: ranges => {
      replace(bands, ...[...ranges].flatMap(([axis, range]) => band(scales, axis, range, layout)));
    },
    axisAt: (x, y) => {
      const near = scales.findIndex((_, axis) => {
        const [ax, ay] = point(axis, 0);
        const place = along(axis, x, y) * layout.length;
        const off = down ? y - ay : x - ax;
        return Math.abs(off) <= NEAR && place >= -NEAR && place <= layout.length + NEAR;
      });
      return near < 0 ? null : near;
    },
    placeAt: (axis, x, y) => Math.min(Math.max(along(axis, x, y), 0), 1)
  };
}

function axisLine(axis: number, { point, down }: Layout): SVGElement {
  const [[x1, y1], [x2, y2]] = [point(axis, 0), point(axis, 1)];
  return svg(
    'g',
    { class: `zen-axis-of ${down ? 'zen-down' : 'zen-up'}`, 'data-axis': axis },
    svg('rect', {
      class: 'zen-axis-target',
      x: Math.min(x1, x2) - NEAR,
      y: Math.min(y1, y2) - NEAR,
      width: Math.abs(x2 - x1) + 2 * NEAR,
      height: Math.abs(y2 - y1) + 2 * NEAR
    }),
    svg('line', { class: 'zen-axis', x1, y1, x2, y2 })
  );
}

function axisTexts(scales: readonly Scale[], axis: number, layout: Layout): SVGElement[] {
  const s = scales[axis];
  if (!s) {
    return [];
  }
  const { down, point, room, length } = layout;
  const [x0, y0] = point(axis, 0);
  const [, y1] = point(axis, 1);
  const short = cut(shortest(s.name, scales), Math.floor((room * LETTER) / BOLD) - s.sign.length);
  const name = svg(
    'text',
    { class: 'zen-axis-name', x: down ? 4 : x0 - 14, y: down ? y0 - 12 : y1 - 18 },
    short + s.sign,
    svg('title', {}, s.name)
  );
  const ticks = apart(s.ticks, length, down).map(([place, text]) => {
    const [x, y] = point(axis, place);
    const anchor = !down || place < 0.15 ? 'start' : place > 0.85 ? 'end' : 'middle';
    return svg(
      'text',
      {
        class: 'zen-tick',
        x: down ? x : x + 7,
        y: down ? y + 17 : y + 4,
        'text-anchor': anchor
      },
      cut(text, down ? 26 : room - 2)
    );
  });
  const [x, y] = point(axis, null);
  const lacks = svg(
    'text',
    { class: 'zen-tick', x: down ? x - 4 : x + 7, y: y + (down ? 17 : 4) },
    LACKS
  );
  return [name, ...ticks, ...(s.places.includes(null) ? [lacks] : [])];
}

function runLine(
  label: string,
  run: number,
  runs: number,
  scales: readonly Scale[],
  { point }: Layout
): SVGElement {
  const points = scales.map((s, axis) => point(axis, s.places[run] ?? null));
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const own = runs <= MOST_LINES;
  return svg(
    'g',
    { class: `zen-run-line zen-c${own ? run % 7 : 0}${own ? '' : ' zen-many'}`, 'data-run': label },
    svg('title', {}, label),
    svg('polyline', { class: 'zen-target', points: path }),
    svg('polyline', {
      class: 'zen-stroke',
      points: path,
      'stroke-dasharray': own ? dashes(run) : undefined
    }),
    ...points.map(([cx, cy]) => svg('circle', { cx, cy, r: 3 }))
  );
}

function band(
  scales: readonly Scale[],
  axis: number,
  range: Range,
  { down, point }: Layout
): SVGElement[] {
  const s = scales[axis];
  return (s ? spans(s, range) : []).map(([from, to]) => {
    const [[x1, y1], [x2, y2]] = [point(axis, from), point(axis, to)];
    const around = from === to ? NAME : 0;
    return svg('rect', {
      class: 'zen-band',
      x: Math.min(x1, x2) - (down ? around : BAND / 2),
      y: Math.min(y1, y2) - (down ? BAND / 2 : around),
      width: Math.abs(x2 - x1) + (down ? 2 * around : BAND),
      height: Math.abs(y2 - y1) + (down ? BAND : 2 * around)
    });
  });
}

/** Only ticks that do not stand on each other; the ends go first. */
function apart(
  ticks: readonly (readonly [number, string])[],
  length: number,
  down: boolean
): (readonly [number, string])[] {
  const kept: (readonly [number, string])[] = [];
  const order = [...ticks].sort((a, b) => Math.abs(b[0] - 0.5) - Math.abs(a[0] - 0.5));
  for (const tick of order) {
    const fits = kept.every(other => {
      const room = down
        ? ((Math.min(tick[1].length, 26) + Math.min(other[1].length, 26)) * LETTER) / 2 + 12
        : 14;
      const wider = down && (tick[0] === 0 || tick[0] === 1 || other[0] === 0 || other[0] === 1);
      return Math.abs(tick[0] - other[0]) * length >= (wider ? 1.5 : 1) * room;
    });
    if (fits) {
      kept.push(tick);
    }
  }
  return kept;
}

function cut(text: string, most: number): string {
  return shortened(text, Math.max(most, 4));
}
