// The result of compare_images, as the server's comparisons.py writes it. What is unknown is
// left out.

import * as z from "zod/v4";

/** The key of a result's _meta under which the server says where the pictures are read. */
const PICTURES = "grok-vision-mcp/pictures";

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const changedRegion = z.object({ ...box.shape, changed_pixels: z.number() });
const whole = z.number().optional();

const shift = z.object({
  dy: z.number(),
  /** What came in, or went out, in pixels of the picture that has it. */
  gap: box,
  changed_pixels: z.number(),
  regions: z.array(changedRegion).optional(),
  regions_found: whole,
});

const pixelDifference = z.object({
  image: z.number(),
  verdict: z.string(),
  changed_pixels: z.number(),
  changed_ratio: z.number(),
  similarity: z.number(),
  same_size: z.boolean(),
  anti_aliased_pixels: whole,
  faint_pixels: whole,
  regions: z.array(changedRegion).optional(),
  regions_found: whole,
  shift: shift.optional(),
  scale: z.number().positive().optional(),
  unlike: z.array(box).optional(),
});

const seenDifference = z.object({
  description: z.string(),
  severity: z.string(),
  image: z.number(),
  region: box.optional(),
});

const comparison = z.object({
  verdict: z.string(),
  summary: z.string().optional(),
  differences: z.array(seenDifference).optional(),
  pixels: z.array(pixelDifference).min(1),
  raw: z.string().optional(),
  images: z.array(z.object({ source: z.string().optional() })).optional(),
  warnings: z.array(z.string()).optional(),
  model: z.string().optional(),
  provider: z.string().optional(),
  // What it cost is no reason to show nothing.
  usage: z.object({ cost_usd: z.number().optional() }).optional().catch(undefined),
});

const source = z.object({
  uri: z.string(),
  width: z.number().positive(),
  height: z.number().positive(),
});

export type Box = z.infer<typeof box>;
export type Shift = z.infer<typeof shift>;
export type PixelDifference = z.infer<typeof pixelDifference>;
export type SeenDifference = z.infer<typeof seenDifference>;
export type Comparison = z.infer<typeof comparison>;

/** Where a picture is read, and its size in the pixels in which regions are told. */
export type Source = z.infer<typeof source>;

/** Something of the reference, and of the image held against it. */
export type Pair<Kind> = [Kind, Kind];

/** Return the comparison that a result holds, or nothing where the page does not know its form. */
export function comparisonIn(value: unknown): Comparison | undefined {
  return comparison.safeParse(value).data;
}

/** Return where each image is read, in the order of the images, with holes where one is unknown. */
export function sourcesIn(meta: Record<string, unknown> | undefined): (Source | undefined)[] {
  const listed = meta?.[PICTURES];
  return Array.isArray(listed) ? listed.map((value) => source.safeParse(value).data) : [];
}
