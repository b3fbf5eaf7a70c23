// The result of compare_images, as the server's comparisons.py writes it. What is unknown is
// left out.

/** The key of a result's _meta under which the server says where the pictures are read. */
export const PICTURES = "grok-vision-mcp/pictures";

export type Verdict = "identical" | "equivalent" | "different";
export type Severity = "minor" | "major" | "critical";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ChangedRegion extends Box {
  changed_pixels: number;
}

export interface Shift {
  dy: number;
  from_y: number;
  matched_ratio: number;
  changed_pixels: number;
  regions?: ChangedRegion[];
}

export interface PixelDifference {
  image: number;
  verdict: Verdict;
  changed_pixels: number;
  changed_ratio: number;
  similarity: number;
  same_size: boolean;
  anti_aliased_pixels?: number;
  faint_pixels?: number;
  regions?: ChangedRegion[];
  regions_found?: number;
  shift?: Shift;
  scale?: number;
}

export interface SeenDifference {
  description: string;
  severity: Severity;
  image: number;
  region?: Box;
}

export interface Comparison {
  verdict: Verdict;
  summary: string;
  differences?: SeenDifference[];
  pixels: PixelDifference[];
  raw?: string;
  images?: { source: string }[];
  warnings?: string[];
  model?: string;
  provider?: string;
  usage?: { cost_usd?: number };
}

/** Where a picture is read, and its size in the pixels in which regions are told. */
export interface Source {
  uri: string;
  width: number;
  height: number;
}

export function isComparison(value: unknown): value is Comparison {
  const found = value as Partial<Comparison> | undefined;
  return (
    typeof found?.verdict === "string" && Array.isArray(found.pixels) && found.pixels.length > 0
  );
}

export function sourcesIn(meta: Record<string, unknown> | undefined): Source[] {
  const listed = meta?.[PICTURES];
  return Array.isArray(listed) ? listed.filter(isSource) : [];
}

function isSource(value: unknown): value is Source {
  const found = value as Partial<Source> | null;
  return typeof found?.uri === "string" && Number(found.width) > 0 && Number(found.height) > 0;
}

/** A place on the pictures with what is said of it: measured, described, or both. */
export interface Change {
  /** A number where pixels were measured there, a letter where only a model saw something. */
  mark: string;
  box?: Box;
  changedPixels?: number;
  words: SeenDifference[];
}

/** Bring measured regions and the model's words for one image together, measured regions first. */
export function changesOf(
  comparison: Comparison,
  pixels: PixelDifference,
  regions: ChangedRegion[],
): Change[] {
  const changes: Change[] = regions.map((region, index) => ({
    mark: String(index + 1),
    box: region,
    changedPixels: region.changed_pixels,
    words: [],
  }));
  let letter = 0;
  for (const difference of comparison.differences ?? []) {
    if (difference.image !== pixels.image) continue;
    const place = difference.region;
    const known = place && changes.find(({ box }) => box && sameBox(box, place));
    if (known) known.words.push(difference);
    else if (place) changes.push({ mark: letterOf(letter++), box: place, words: [difference] });
    else changes.push({ mark: "", words: [difference] });
  }
  return changes;
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
