// How both pictures lie over each other on one canvas, and where on it each change is.

import { changesOf, type Change, type Changes } from "./changes";
import type { Box, Comparison, Pair, PixelDifference, Source } from "./comparison";
import type { Size } from "./view";

/** A picture on the canvas: as large as it is drawn, with room made in it for what it lacks. */
export interface Laid {
  size: Size | undefined;
  gap: Box | undefined;
}

export interface Drawn {
  change: Change;
  /** Where on the canvas. */
  box: Box;
}

export interface Layout extends Changes {
  canvas: Size;
  pair: Pair<Laid>;
  outlines: Drawn[];
}

/** Lay out one image against the reference; `undone` where a shift is not to be seen. */
export function layoutOf(
  comparison: Comparison,
  pixels: PixelDifference,
  [reference, candidate]: Pair<Source | undefined>,
  undone: boolean,
): Layout {
  const found = changesOf(comparison, pixels, undone);
  const gap = undone ? pixels.shift?.gap : undefined;
  const down = (pixels.shift?.dy ?? 0) > 0;
  const pair: Pair<Laid> = [
    { size: reference, gap: down ? gap : undefined },
    { size: scaled(candidate, reference, pixels.scale), gap: down ? undefined : gap },
  ];
  const outlines = found.changes.flatMap((change) => {
    if (!change.box) return [];
    const lowered = gap && down && change.kind !== "came in" ? below(change.box, gap) : 0;
    return [{ change, box: { ...change.box, y: change.box.y + lowered } }];
  });
  return { ...found, pair, outlines, canvas: canvasOf(pair, outlines) };
}

/** A picture of another scale is drawn as large as the reference, so that both can be compared. */
function scaled(
  candidate: Size | undefined,
  reference: Size | undefined,
  scale: number | undefined,
): Size | undefined {
  if (!candidate || !scale) return candidate;
  return reference ?? { width: candidate.width / scale, height: candidate.height / scale };
}

/** How much lower a place of the reference is drawn where room was made in it. */
function below({ x, y }: Box, gap: Box): number {
  return y >= gap.y && x >= gap.x ? gap.height : 0;
}

/** What both pictures need; where their sizes are unknown, what the outlines need. */
function canvasOf(pair: Pair<Laid>, outlines: Drawn[]): Size {
  const pictures = pair.flatMap(({ size, gap }) =>
    size ? [{ width: size.width, height: size.height + (gap?.height ?? 0) }] : [],
  );
  const places = outlines.map(({ box: { x, y, width, height } }) => ({
    width: x + width,
    height: y + height,
  }));
  const sizes = pictures.length ? pictures : places;
  return {
    width: Math.max(1, ...sizes.map(({ width }) => width)),
    height: Math.max(1, ...sizes.map(({ height }) => height)),
  };
}
