/** Where the steps of a run stand, and how the lines between them go. */

export interface Node {
  readonly slot: string;
  readonly inputs: readonly string[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Of an SVG path; the arrow is a path of its own. */
  readonly line: string;
  readonly arrow: string;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly rank: number;
  readonly lane: number;
}

interface Point {
  readonly along: number;
  readonly across: number;
}

/** Steps that no other step reads stand beside the chain. */
const LEAF = /^(statistics|validation)(_\d+)?$/;

const HEIGHT = 66;
const NARROWEST = 144;
const WIDEST = 210;
const ROUTE = 9; // between two lines that pass by steps
const ARROW = 6;

/**
 * Lay out steps from left to right, or from above where there is no room for that.
 *
 * @param width that there is.
 */
export function layout(nodes: readonly Node[], width: number): Layout {
  const inputs = inputsOf(nodes);
  const places = placesOf(nodes, inputs);
  const ranks = 1 + Math.max(0, ...[...places.values()].map(p => p.rank));
  const lanes = 1 + Math.max(0, ...[...places.values()].map(p => p.lane));
  const gap = 30;
  const fits = Math.floor((width - (ranks - 1) * gap) / ranks);
  const down = fits < NARROWEST;
  const routes = routesOf(inputs, places);
  const margin = routes.size > 0 ? routes.size * ROUTE + 6 : 0;
  const free = down ? width - margin - (lanes - 1) * 14 : 0;
  const size = down
    ? { along: HEIGHT, across: Math.max(80, Math.min(Math.floor(free / lanes), 230)) }
    : { along: Math.min(fits, WIDEST), across: HEIGHT };
  const pitch = { along: size.along + (down ? 24 : gap), across: size.across + 14 };

  const corner = ({ rank, lane }: Place): Point => ({
    along: rank * pitch.along,
    across: margin + lane * pitch.across
  });
  const at = (p: Point) => (down ? `${p.across} ${p.along}` : `${p.along} ${p.across}`);
  const boxes = new Map<string, Box>();
  for (const [slot, place] of places) {
    const { along, across } = corner(place);
    boxes.set(
      slot,
      down
        ? { x: across, y: along, width: size.across, height: size.along }
        : { x: along, y: across, width: size.along, height: size.across }
    );
  }
  const edges: Edge[] = [];
  for (const [to, sources] of inputs) {
    sources.forEach((from, i) => {
      const [one, other] = [places.get(from), places.get(to)];
      if (!one || !other) {
        return;
      }
      const route = routes.get(`${from}\n${to}`);
      const [a, b] = [corner(one), corner(other)];
      edges.push({
        from,
        to,
        ...(route === undefined
          ? straight(
              { along: a.along + size.along, across: a.across + size.across / 2 },
              { along: b.along, across: b.across + size.across / 2 },
              at
            )
          : around(
              { along: a.along + size.along * 0.6, across: a.across },
              { along: b.along + size.along * (0.25 + 0.12 * i), across: b.across },
              margin - 6 - route * ROUTE,
              at
            ))
      });
    });
  }
  const long = ranks * pitch.along - (pitch.along - size.along);
  const broad = margin + lanes * pitch.across - 14;
  return { boxes, edges, width: down ? broad : long, height: down ? long : broad };
}

/** What each step reads; where nobody has said so, the steps are a chain with leaves beside it. */
function inputsOf(nodes: readonly Node[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const said = nodes.some(n => n.inputs.length > 0);
  let last: string | null = null;
  let before: string | null = null;
  for (const { slot, inputs } of nodes) {
    const known = inputs.filter(i => found.has(i));
    const previous: string | null = LEAF.test(slot) ? before : last;
    found.set(slot, known.length > 0 || said || previous === null ? known : [previous]);
    before = slot;
    last = LEAF.test(slot) ? last : slot;
  }
  return found;
}

/** A rank by the longest way from the data, and in it a lane by the order of the steps. */
function placesOf(
  nodes: readonly Node[],
  inputs: ReadonlyMap<string, readonly string[]>
): Map<string, Place> {
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  const ordered = [
    ...nodes.filter(n => !LEAF.test(n.slot)),
    ...nodes.filter(n => LEAF.test(n.slot))
  ];
  for (const { slot } of ordered) {
    const before = (inputs.get(slot) ?? []).map(i => places.get(i)?.rank ?? -1);
    const rank = 1 + Math.max(-1, ...before);
    let lane = LEAF.test(slot) ? 1 : 0;
    while (taken.has(`${rank} ${lane}`)) {
      lane += 1;
    }
    taken.add(`${rank} ${lane}`);
    places.set(slot, { rank, lane });
  }
  return places;
}

/** Lines of the first lane that pass by steps, each with a way of its own; short ones inside. */
function routesOf(
  inputs: ReadonlyMap<string, readonly string[]>,
  places: ReadonlyMap<string, Place>
): Map<string, number> {
  const long: { key: string; ranks: number }[] = [];
  for (const [to, sources] of inputs) {
    for (const from of sources) {
      const [a, b] = [places.get(from), places.get(to)];
      if (a && b && a.lane === 0 && b.lane === 0 && b.rank - a.rank > 1) {
        long.push({ key: `${from}\n${to}`, ranks: b.rank - a.rank });
      }
    }
  }
  long.sort((a, b) => a.ranks - b.ranks);
  return new Map(long.map(({ key }, i) => [key, i]));
}

type At = (point: Point) => string;

function straight(a: Point, b: Point, at: At): Pick<Edge, 'line' | 'arrow'> {
  const tip = { along: b.along - 1, across: b.across };
  const end = { along: tip.along - ARROW, across: tip.across };
  const middle = (a.along + end.along) / 2;
  const one = { along: middle, across: a.across };
  const two = { along: middle, across: b.across };
  return {
    line: `M${at(a)} C${at(one)} ${at(two)} ${at(end)}`,
    arrow: triangle(
      tip,
      [
        { along: end.along, across: end.across - ARROW / 2 },
        { along: end.along, across: end.across + ARROW / 2 }
      ],
      at
    )
  };
}

function around(a: Point, b: Point, across: number, at: At): Pick<Edge, 'line' | 'arrow'> {
  const tip = { along: b.along, across: b.across - 1 };
  const end = { along: b.along, across: tip.across - ARROW };
  const round = Math.min(6, Math.max(0, end.across - across));
  const turns = [
    `M${at(a)}`,
    `L${at({ along: a.along, across: across + round })}`,
    `Q${at({ along: a.along, across })} ${at({ along: a.along + round, across })}`,
    `L${at({ along: b.along - round, across })}`,
    `Q${at({ along: b.along, across })} ${at({ along: b.along, across: across + round })}`,
    `L${at(end)}`
  ];
  return {
    line: turns.join(' '),
    arrow: triangle(
      tip,
      [
        { along: tip.along - ARROW / 2, across: end.across },
        { along: tip.along + ARROW / 2, across: end.across }
      ],
      at
    )
  };
}

function triangle(tip: Point, base: readonly [Point, Point], at: At): string {
  return `M${at(tip)} L${at(base[0])} L${at(base[1])} Z`;
}
