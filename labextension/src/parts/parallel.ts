/** Parallel coordinates: an axis a parameter or a metric, a line a run. */

import { el, fresh, replace, svg } from '../dom';
import { MISSING, number } from '../numbers';
import { MOST_LINES, dashes } from './run-lines';

export interface Axis {
  readonly name: string;
  /** Of each run. */
  readonly values: readonly (number | string | null)[];
  /** Which end is the best: of a metric. */
  readonly better?: string;
}

interface Scale {
  readonly name: string;
  /** Which end is the best, in an arrow; what kind of scale it is. */
  readonly sign: string;
  /** From 0 to 1, or null where a run has no value. */
  readonly places: readonly (number | null)[];
  readonly texts: readonly string[];
  readonly ticks: readonly (readonly [number, string])[];
}

const WIDE = 96; // an axis needs so much room, else they lie one below the other
const HEIGHT = 280;
const ROW = 58;
const LETTER = 6.3; // its width, and that of one of a name
const BOLD = 7.4;
const LACKS = 'none';
const MOST_TICKS = 6;
const DEFAULT_WIDTH = 800;

/** Draw lines of runs; one of them can be made to stand out. */
export function parallel(
  axes: readonly Axis[],
  labels: readonly string[],
  onDispose: (action: () => void) => void
): HTMLElement {
  const scales = axes.map(scale);
  const place = el('div', { class: 'zen-parallel-picture' });
  const said = el('p', { class: 'zen-note zen-parallel-said', role: 'status' });
  const choose = el(
    'select',
    { class: 'zen-select', id: fresh('stands-out') },
    el('option', {}, 'none'),
    ...labels.map(label => el('option', {}, label))
  );
  let width = 0;
  let lines: SVGElement[] = [];

  const mark = (run: number) => {
    lines.forEach((line, i) => {
      line.classList.toggle('zen-out', i === run);
      line.classList.toggle('zen-back', run >= 0 && i !== run);
    });
    const line = lines[run];
    // Brought to the front once: what moves under a pointer hears no click.
    if (line && line !== line.parentNode?.lastChild) {
      line.parentNode?.append(line);
    }
    const values = scales.map(s => `${s.name} ${s.texts[run] ?? MISSING}`);
    replace(said, run >= 0 ? `${labels[run] ?? ''}: ${values.join(' · ')}` : '');
  };
  const chosen = () => choose.selectedIndex - 1;
  const draw = () => {
    const down = width / scales.length < WIDE;
    const drawn = picture(scales, labels, width, down);
    lines = drawn.lines;
    lines.forEach((line, i) => {
      line.addEventListener('pointerenter', () => {
        mark(i);
      });
      line.addEventListener('pointerleave', () => {
        mark(chosen());
      });
      line.addEventListener('click', () => {
        choose.selectedIndex = chosen() === i ? 0 : i + 1;
        mark(chosen());
      });
    });
    replace(place, drawn.node);
    mark(chosen());
  };
  choose.addEventListener('change', () => {
    mark(chosen());
  });
  const sizes = new ResizeObserver(() => {
    const now = place.clientWidth;
    if (now > 0 && Math.abs(now - width) > 1) {
      width = now;
      draw();
    }
  });
  sizes.observe(place);
  onDispose(() => {
    sizes.disconnect();
  });
  width = place.clientWidth || DEFAULT_WIDTH;
  draw();
  return el(
    'div',
    { class: 'zen-parallel' },
    el('div', { class: 'zen-controls' }, el('label', { for: choose.id }, 'Stands out'), choose),
    place,
    said
  );
}

function picture(
  scales: readonly Scale[],
  labels: readonly string[],
  width: number,
  down: boolean
): { node: SVGSVGElement; lines: SVGElement[] } {
  const height = down ? (scales.length - 1) * ROW + 50 : HEIGHT;
  const step = down ? ROW : (width - WIDE) / Math.max(scales.length - 1, 1);
  const [top, bottom, left, right] = [34, height - 30, 52, width - 34];
  const gap = down ? 34 : 20; // for what has no value, before the axis begins
  const point = (axis: number, t: number | null): [number, number] =>
    down
      ? [t === null ? left - gap : left + t * (right - left), 26 + axis * step]
      : [20 + axis * step, t === null ? bottom + gap : bottom - t * (bottom - top)];
  const drawnAxes = scales.map((s, a) => {
    const [x0, y0] = point(a, 0);
    const [x1, y1] = point(a, 1);
    const room = Math.floor(((down ? width : step) - 8) / LETTER);
    const short = cut(shortest(s.name, scales), Math.floor((room * LETTER) / BOLD) - s.sign.length);
    const name = svg(
      'text',
      { class: 'zen-axis-name', x: down ? 4 : x0 - 14, y: down ? y0 - 12 : 16 },
      short + s.sign,
      svg('title', {}, s.name)
    );
    const ticks = apart(s.ticks, down ? right - left : bottom - top, down).map(([t, text]) => {
      const [x, y] = point(a, t);
      const anchor = !down ? 'start' : t < 0.15 ? 'start' : t > 0.85 ? 'end' : 'middle';
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
    const lacks = s.places.includes(null);
    const [lx, ly] = point(a, null);
    const missing = lacks
      ? [
          svg(
            'text',
            { class: 'zen-tick', x: down ? lx - 4 : lx + 7, y: ly + (down ? 17 : 4) },
            LACKS
          )
        ]
      : [];
    return [
      svg('line', { class: 'zen-axis', x1: x0, y1: y0, x2: x1, y2: y1 }),
      name,
      ...ticks,
      ...missing
    ];
  });
  const lines = labels.map((label, i) => {
    const points = scales.map((s, a) => point(a, s.places[i] ?? null));
    const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
    const own = labels.length <= MOST_LINES;
    return svg(
      'g',
      { class: `zen-run-line zen-c${own ? i % 7 : 0}${own ? '' : ' zen-many'}`, 'data-run': label },
      svg('title', {}, label),
      svg('polyline', { class: 'zen-target', points: path }),
      svg('polyline', {
        class: 'zen-stroke',
        points: path,
        'stroke-dasharray': own ? dashes(i) : undefined
      }),
      ...points.map(([cx, cy]) => svg('circle', { cx, cy, r: 3 }))
    );
  });
  const node = svg(
    'svg',
    {
      class: 'zen-parallel-svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Parallel coordinates of ${labels.length} runs: ${scales.map(s => s.name).join(', ')}`
    },
    ...drawnAxes.map(([line]) => line),
    svg('g', {}, ...lines),
    // Over the lines, with an edge of the ground's colour.
    svg('g', { class: 'zen-over' }, ...drawnAxes.flatMap(([, ...texts]) => texts))
  );
  return { node, lines };
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Numbers by their size, on a logarithmic scale where they are far apart; all else one by one. */
export function scale(axis: Axis): Scale {
  const texts = axis.values.map(v =>
    v === null || v === '' ? '' : typeof v === 'number' ? number(v) : v
  );
  const there = axis.values.filter(v => v !== null && v !== '');
  const direction = { higher: ' ↑', lower: ' ↓', zero: ' → 0' }[axis.better ?? ''] ?? '';
  const { name } = axis;
  const shown = texts.map(text => text || MISSING);
  if (there.length > 0 && there.every(v => typeof v === 'number' || NUMBER.test(v ?? ''))) {
    const values = axis.values.map(v => (v === null || v === '' ? null : Number(v)));
    const finite = values.filter((v): v is number => v !== null && Number.isFinite(v));
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const log = axis.better === undefined && low > 0 && high / low >= 50;
    const at = (v: number) =>
      high === low
        ? 0.5
        : log
          ? Math.log(v / low) / Math.log(high / low)
          : (v - low) / (high - low);
    const places = values.map(v => (v === null || !Number.isFinite(v) ? null : at(v)));
    const known = new Map<number, string>();
    places.forEach((p, i) => {
      if (p !== null) {
        known.set(p, texts[i] ?? '');
      }
    });
    const all = [...known].sort((a, b) => a[0] - b[0]);
    const ends = all.filter((_, i) => i === 0 || i === all.length - 1);
    return {
      name,
      sign: log ? ' (log)' : direction,
      places,
      texts: shown,
      ticks: all.length <= MOST_TICKS ? all : ends
    };
  }
  const known = [...new Set(texts.filter(Boolean))];
  const at = new Map(
    known.map((text, i) => [text, known.length === 1 ? 0.5 : 1 - i / (known.length - 1)])
  );
  const ticks = [...at].map(([text, p]) => [p, text] as const).sort((a, b) => a[0] - b[0]);
  return { name, sign: '', places: texts.map(text => at.get(text) ?? null), texts: shown, ticks };
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

/** Without the step that it belongs to, where no other axis is called the same. */
function shortest(name: string, scales: readonly Scale[]): string {
  const last = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  const same = scales.filter(other => last(other.name) === last(name));
  return same.length === 1 ? last(name) : name;
}

function cut(text: string, most: number): string {
  const room = Math.max(most, 4);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
