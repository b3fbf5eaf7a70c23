// What the page says in numbers and sentences.

import type { Comparison, PixelDifference, Shift, Source } from "./comparison";

const VERDICTS = new Map([
  ["identical", "Identical"],
  ["equivalent", "Equivalent"],
  ["different", "Different"],
]);
const SEVERITIES = new Map([
  ["minor", "Minor"],
  ["major", "Major"],
  ["critical", "Critical"],
]);

/** A verdict in words; one that is unknown as it is. */
export function verdictOf(verdict: string): string {
  return VERDICTS.get(verdict) ?? verdict;
}

export function severityOf(severity: string): string {
  return SEVERITIES.get(severity) ?? severity;
}

const plain = new Intl.NumberFormat("en");

export function count(number: number, one: string, many = `${one}s`): string {
  return `${plain.format(number)} ${number === 1 ? one : many}`;
}

export function percent(ratio: number): string {
  if (ratio > 0 && ratio < 0.0001) return "less than 0.01%";
  if (ratio < 1 && ratio > 0.9999) return "more than 99.99%";
  const digits = ratio < 0.1 ? 2 : 1;
  return `${plain.format(Number((ratio * 100).toFixed(digits)))}%`;
}

/** SSIM to three places; 1 is said only where it is 1. */
export function similarity(score: number): string {
  return score < 1 && score > 0.9995 ? "over 0.999" : plain.format(Number(score.toFixed(3)));
}

export function size({ width, height }: { width: number; height: number }): string {
  return `${plain.format(width)} × ${plain.format(height)}`;
}

/** The verdict on one image in one sentence; at another scale no pixel was held against another. */
export function told(pixels: PixelDifference): string {
  if (pixels.scale) return scaleSentence(pixels.scale, pixels.unlike?.length ?? 0);
  if (pixels.verdict === "identical") return "No pixel differs.";
  if (pixels.verdict === "equivalent") return "Pixels differ, but none enough to count.";
  return `${percent(pixels.changed_ratio)} of the pixels changed (${plain.format(pixels.changed_pixels)}).`;
}

/** The summary, unless it is the server's own of one pair: that says what stands here anyway. */
export function summaryOf({ summary = "", model, differences, pixels }: Comparison): string {
  return model || differences?.length || pixels.length > 1 ? summary : "";
}

export function uncounted(pixels: PixelDifference): string {
  const parts = [];
  if (pixels.anti_aliased_pixels)
    parts.push(`${plain.format(pixels.anti_aliased_pixels)} anti-aliased`);
  if (pixels.faint_pixels) parts.push(`${plain.format(pixels.faint_pixels)} faint`);
  return parts.join(", ");
}

export function shiftSentence({ dy, gap, changed_pixels }: Shift): string {
  const way = dy > 0 ? "came in" : "went out";
  const rest = changed_pixels ? `${count(changed_pixels, "pixel")} changed` : "nothing changed";
  return `${count(Math.abs(dy), "row")} ${way} at row ${plain.format(gap.y)}; apart from that ${rest}.`;
}

function scaleSentence(scale: number, unlike: number): string {
  const times = `${plain.format(Number(scale.toFixed(2)))} times`;
  return unlike
    ? `Looks like the reference at ${times} its size, except in ${count(unlike, "place")}.`
    : `Looks the same at ${times} the size; details were not compared pixel by pixel.`;
}

export function sizeSentence(reference: Source | undefined, candidate: Source | undefined): string {
  const sizes = reference && candidate ? `: ${size(reference)} and ${size(candidate)} pixels` : "";
  return `The sizes differ${sizes}. Both lie at the upper left; what only one of them has counts as changed.`;
}

/** The last part of a path or address, for a label: a caller's word, never an address to open. */
export function nameOf(comparison: Comparison, image: number): string {
  const source = comparison.images?.[image - 1]?.source ?? "";
  const shown = source.startsWith("data:") ? "" : (source.split(/[?]/)[0] ?? "");
  return shown.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
}

export function costSentence(comparison: Comparison): string {
  if (!comparison.model) return "Measured in pixels; no model was asked.";
  const by = `Described by ${comparison.model}${comparison.provider ? ` (${comparison.provider})` : ""}`;
  const cost = comparison.usage?.cost_usd;
  return cost === undefined ? `${by}.` : `${by} for US$ ${cost.toFixed(4)}.`;
}
