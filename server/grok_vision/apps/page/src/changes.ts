// The places of one image with what is said of them: measured, described, or both.

import type { Box, Comparison, PixelDifference, SeenDifference } from "./comparison";
import { count } from "./words";

/** More are not drawn: thousands take a browser seconds, and no one reads them. */
const MOST_DRAWN = 100;

export interface Change {
  /** A number as everywhere in the result, or a letter where it has none in what is shown. */
  mark: string;
  kind: "changed" | "came in" | "went out" | "unlike" | "seen";
  /** Where, as it is told; absent where words are of the whole. */
  box?: Box;
  changedPixels?: number;
  words: SeenDifference[];
}

type Place = Box & { changed_pixels?: number };

interface Places {
  /** The places by their numbers, from 1. */
  listed: Place[];
  /** Places that were measured as well, in the way that is not shown. */
  others: Place[];
  found: number;
}

export interface Changes {
  changes: Change[];
  /** How many places were measured in all. */
  found: number;
  /** A sentence about what is not shown; empty where all is. */
  unlisted: string;
}

/** Bring measured places and the model's words for one image together, measured places first. */
export function changesOf(
  comparison: Comparison,
  pixels: PixelDifference,
  undone: boolean,
): Changes {
  const { listed, others, found } = placesOf(pixels, undone);
  const changes = listed.map((place, index) => changeAt(place, String(index + 1), pixels));
  let letter = 0;
  for (const words of comparison.differences ?? []) {
    if (words.image !== pixels.image) continue;
    const { region } = words;
    const known = region && changes.find(({ box }) => box && sameBox(box, region));
    if (known) known.words.push(words);
    else if (!region) changes.push({ mark: "", kind: "seen", words: [words] });
    else {
      const place = others.find((other) => sameBox(other, region)) ?? region;
      changes.push({ ...changeAt(place, letterOf(letter++), pixels, "seen"), words: [words] });
    }
  }
  return {
    changes: changes.slice(0, MOST_DRAWN),
    found: Math.max(found, listed.length),
    unlisted: unlisted(changes.length, listed.length, found),
  };
}

/** The server and the diff picture number what differs apart from a shift, or at a scale. */
function placesOf(pixels: PixelDifference, undone: boolean): Places {
  const { regions = [], regions_found: found = 0, shift, unlike = [], scale } = pixels;
  if (scale) return { listed: unlike, others: [], found: unlike.length };
  const apart = shift?.regions ?? [];
  return undone
    ? { listed: apart, others: regions, found: shift?.regions_found ?? 0 }
    : { listed: regions, others: apart, found };
}

function changeAt(
  { x, y, width, height, changed_pixels }: Place,
  mark: string,
  { shift, scale }: PixelDifference,
  unmeasured: "unlike" | "seen" = "unlike",
): Change {
  const box = { x, y, width, height };
  const change: Change = { mark, kind: unmeasured, box, words: [] };
  if (changed_pixels === undefined) return change;
  const gap = shift && !scale && sameBox(box, shift.gap);
  const kind = gap ? (shift.dy > 0 ? "came in" : "went out") : "changed";
  return { ...change, kind, changedPixels: changed_pixels };
}

function unlisted(all: number, listed: number, found: number): string {
  if (all > MOST_DRAWN) return `The first ${MOST_DRAWN} of ${count(all, "change")} are shown.`;
  return found > listed ? `The largest ${listed} of ${count(found, "region")} are listed.` : "";
}

function sameBox(one: Box, other: Box): boolean {
  return (
    one.x === other.x &&
    one.y === other.y &&
    one.width === other.width &&
    one.height === other.height
  );
}

function letterOf(index: number): string {
  return String.fromCharCode(65 + (index % 26)).repeat(1 + Math.floor(index / 26));
}
