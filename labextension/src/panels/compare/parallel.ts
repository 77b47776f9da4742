/** Parallel coordinates: runs that stand out, and runs that are in ranges of the axes. */

import { button, el, fresh, replace } from '../../dom';
import { MISSING, count, counted } from '../../numbers';
import { OWN_KEYS } from '../../parts/choice';
import { scale } from './axes';
import type { Axis, Scale } from './axes';
import { picture } from './parallel-picture';
import type { Picture } from './parallel-picture';
import { rangeControls } from './range-controls';
import type { RangeControls } from './range-controls';
import { between, inside, rangeText } from './ranges';
import type { Range } from './ranges';

const DEFAULT_WIDTH = 800;
const DRAGGED = 4; // pixels: less is a click
const NAMED = 8; // runs in a sentence

/**
 * Draw lines of runs.
 *
 * @param onRange is told the places of the runs in all ranges, or null where there is no range.
 */
export function parallel(
  axes: readonly Axis[],
  labels: readonly string[],
  onRange: (runs: ReadonlySet<number> | null) => void,
  onDispose: (action: () => void) => void
): HTMLElement {
  return new Parallel(axes.map(scale), labels, onRange, onDispose).node;
}

/** A range that is being drawn: from where on. */
interface Drag {
  readonly axis: number;
  readonly start: number;
  readonly x: number;
  readonly y: number;
  moved: boolean;
}

class Parallel {
  readonly node: HTMLElement;
  private readonly _place = el('div', { class: 'zen-parallel-picture' });
  private readonly _said = el('p', { class: 'zen-note zen-parallel-said', role: 'status' });
  private readonly _inside = el('p', { class: 'zen-note zen-inside-said', role: 'status' });
  private readonly _choose: HTMLSelectElement;
  private readonly _controls: RangeControls;
  private readonly _clear: HTMLButtonElement;
  private readonly _ranges = new Map<number, Range>();
  private _picture: Picture;
  private _width: number;
  private _drag: Drag | null = null;

  constructor(
    private readonly _scales: readonly Scale[],
    private readonly _labels: readonly string[],
    private readonly _onRange: (runs: ReadonlySet<number> | null) => void,
    onDispose: (action: () => void) => void
  ) {
    this._choose = el(
      'select',
      { class: 'zen-select', id: fresh('stands-out'), ...OWN_KEYS },
      el('option', {}, 'none'),
      ..._labels.map(label => el('option', {}, label))
    );
    this._choose.addEventListener('change', () => {
      this._standOut(this._chosen);
    });
    this._controls = rangeControls(_scales, (axis, range) => {
      this._setRange(axis, range);
      this._ranged();
    });
    this._clear = button(
      'Clear ranges',
      () => {
        this._ranges.clear();
        this._ranged();
        this._choose.focus(); // the button is gone
      },
      { 'data-action': 'clear-ranges' }
    );
    this.node = el(
      'div',
      { class: 'zen-parallel' },
      el(
        'div',
        { class: 'zen-controls' },
        el('label', { for: this._choose.id }, 'Stands out'),
        this._choose,
        this._clear
      ),
      this._place,
      this._said,
      this._inside,
      this._controls.node
    );
    this._brush();
    this._width = this._place.clientWidth || DEFAULT_WIDTH;
    this._picture = this._draw();
    this._ranged(false);
    const sizes = new ResizeObserver(() => {
      const now = this._place.clientWidth;
      if (now > 0 && Math.abs(now - this._width) > 1) {
        this._width = now;
        this._picture = this._draw();
      }
    });
    sizes.observe(this._place);
    onDispose(() => {
      sizes.disconnect();
    });
  }

  private _draw(): Picture {
    const drawn = picture(this._scales, this._labels, this._width);
    drawn.lines.forEach((line, run) => {
      line.addEventListener('pointerenter', () => {
        this._standOut(run);
      });
      line.addEventListener('pointerleave', () => {
        this._standOut(this._chosen);
      });
      line.addEventListener('click', () => {
        this._choose.selectedIndex = this._chosen === run ? 0 : run + 1;
        this._standOut(this._chosen);
      });
    });
    replace(this._place, drawn.node);
    this._picture = drawn;
    this._standOut(this._chosen);
    this._mark();
    return drawn;
  }

  // ------------------------------------------------------------------------ one that stands out

  /** -1: none. */
  private get _chosen(): number {
    return this._choose.selectedIndex - 1;
  }

  private _standOut(run: number): void {
    const { lines } = this._picture;
    lines.forEach((line, i) => {
      line.classList.toggle('zen-out', i === run);
      line.classList.toggle('zen-back', run >= 0 && i !== run);
    });
    const line = lines[run];
    // Brought to the front once: what moves under a pointer hears no click.
    if (line && line !== line.parentNode?.lastChild) {
      line.parentNode?.append(line);
    }
    const values = this._scales.map(s => `${s.name} ${s.texts[run] ?? MISSING}`);
    replace(this._said, run >= 0 ? `${this._labels[run] ?? ''}: ${values.join(' · ')}` : '');
  }

  // --------------------------------------------------------------------------- those in ranges

  private _setRange(axis: number, range: Range | null): void {
    if (range) {
      this._ranges.set(axis, range);
    } else {
      this._ranges.delete(axis);
    }
  }

  /** Ranges have changed: show them in the picture. */
  private _mark(): ReadonlySet<number> {
    const found = inside(this._scales, this._ranges);
    this._picture.mark(this._ranges);
    this._picture.lines.forEach((line, run) => {
      line.classList.toggle('zen-outside', !found.has(run));
    });
    return found;
  }

  /** The same in words, and for those who follow. */
  private _ranged(tell = true): void {
    const found = this._mark();
    const any = this._ranges.size > 0;
    this._controls.show(this._ranges);
    this._clear.hidden = !any;
    replace(this._inside, any ? this._insideText(found) : '');
    if (tell) {
      this._onRange(any ? found : null);
    }
  }

  private _insideText(found: ReadonlySet<number>): string {
    const ranges = [...this._ranges].flatMap(([axis, range]) => {
      const of = this._scales[axis];
      return of ? [rangeText(of, range)] : [];
    });
    const names = [...found].slice(0, NAMED).map(run => this._labels[run] ?? '');
    const more = found.size > NAMED ? ` and ${count(found.size - NAMED)} more` : '';
    const who = names.length > 0 ? `: ${names.join(', ')}${more}` : '';
    return `With ${ranges.join(' and ')}, ${count(found.size)} of ${counted(this._labels.length, 'run')}${who}.`;
  }

  /**
   * A drag that begins near an axis. Until it is one, lines hear the pointer, which cover the axes:
   * so nothing lies over them.
   */
  private _brush(): void {
    const place = this._place;
    const at = (event: PointerEvent): [number, number] => {
      const box = place.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    place.addEventListener('pointerdown', event => {
      const [x, y] = at(event);
      const axis = event.button === 0 ? this._picture.axisAt(x, y) : null;
      const start = axis === null ? 0 : this._picture.placeAt(axis, x, y);
      this._drag = axis === null ? null : { axis, start, x, y, moved: false };
    });
    place.addEventListener('pointermove', event => {
      const drag = this._drag;
      if (!drag) {
        return;
      }
      const [x, y] = at(event);
      if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < DRAGGED) {
        return;
      }
      if (!drag.moved) {
        drag.moved = true;
        place.setPointerCapture(event.pointerId);
      }
      const scale = this._scales[drag.axis];
      const end = this._picture.placeAt(drag.axis, x, y);
      this._setRange(drag.axis, scale ? between(scale, drag.start, end) : null);
      this._mark();
    });
    const end = () => {
      const moved = this._drag?.moved === true;
      this._drag = null;
      if (moved) {
        this._ranged(); // once: whoever listens is told what came of it
      }
    };
    place.addEventListener('pointerup', end);
    place.addEventListener('pointercancel', end);
  }
}
