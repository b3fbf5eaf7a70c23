// What was found, in words, above the pictures.

import type { Comparison, Pair, PixelDifference, Shift, Source } from "./comparison";
import { byId, element } from "./dom";
import {
  shiftSentence,
  similarity,
  sizeSentence,
  summaryOf,
  told,
  uncounted,
  verdictOf,
} from "./words";

export function showHeader(comparison: Comparison, pixels: PixelDifference): void {
  const verdict = byId("verdict");
  verdict.textContent = verdictOf(pixels.verdict);
  verdict.dataset["verdict"] = pixels.verdict;
  byId("told").replaceChildren(...facts(pixels));
  byId("summary").textContent = summaryOf(comparison);
}

function facts(pixels: PixelDifference): Node[] {
  const parts = [told(pixels)];
  const rest = uncounted(pixels);
  // At another scale these numbers are of pixels that do not show the same.
  const isTold = !pixels.scale && pixels.verdict !== "identical";
  if (isTold) parts.push(`Similarity ${similarity(pixels.similarity)}.`);
  if (isTold && rest) parts.push(`Not counted: ${rest}.`);
  return parts.map((part) => element("span", {}, `${part} `));
}

/** Say what else is to be known; `undo` is called with whether the shift is to be undone. */
export function showNotes(
  comparison: Comparison,
  pixels: PixelDifference,
  [reference, candidate]: Pair<Source | undefined>,
  undo: (undone: boolean) => void,
): void {
  const notes: HTMLElement[] = [];
  if (!pixels.scale && !pixels.same_size) notes.push(note(sizeSentence(reference, candidate)));
  if (!pixels.scale && pixels.shift) notes.push(shiftNote(pixels.shift, undo));
  for (const warning of comparison.warnings ?? []) notes.push(note(warning, "warning"));
  byId("notes").replaceChildren(...notes);
}

function note(words: string, kind = ""): HTMLElement {
  const lead = kind && element("strong", {}, "Warning: ");
  return element("p", { class: `note ${kind}` }, lead || undefined, element("span", {}, words));
}

function shiftNote(shift: Shift, undo: (undone: boolean) => void): HTMLElement {
  const box = element("input", { type: "checkbox", id: "undo" });
  box.checked = true;
  box.addEventListener("change", () => undo(box.checked));
  const made = note(shiftSentence(shift));
  made.append(element("label", { class: "check" }, box, "Undo the shift"));
  return made;
}
