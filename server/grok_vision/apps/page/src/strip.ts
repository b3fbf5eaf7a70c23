// The strip to choose which of several images is held against the reference.

import type { Comparison, PixelDifference } from "./comparison";
import { byId, element } from "./dom";
import { nameOf, percent, verdictOf } from "./words";

export class Strip {
  private frames = new Map<number, HTMLElement>();

  constructor(private readonly chosen: (pixels: PixelDifference) => void) {}

  fill(comparison: Comparison): void {
    const strip = byId("strip");
    strip.hidden = comparison.pixels.length < 2;
    const choices = comparison.pixels.map((pixels, index) =>
      this.choice(comparison, pixels, index === 0),
    );
    strip.replaceChildren(
      element("legend", { class: "unseen" }, "Image to hold against the reference"),
      ...choices,
    );
  }

  private choice(comparison: Comparison, pixels: PixelDifference, checked: boolean): HTMLElement {
    const input = element("input", { type: "radio", name: "image", value: String(pixels.image) });
    input.checked = checked;
    input.addEventListener("change", () => this.chosen(pixels));
    const frame = element("span", { class: "frame", "aria-hidden": "true" });
    this.frames.set(pixels.image, frame);
    const verdict = element("span", { class: "small" }, verdictOf(pixels.verdict));
    verdict.dataset["verdict"] = pixels.verdict;
    if (pixels.verdict === "different" && !pixels.scale)
      verdict.append(`, ${percent(pixels.changed_ratio)}`);
    const title = element("span", { class: "title" }, titleOf(comparison, pixels.image));
    return element("label", {}, input, element("span", { class: "choice" }, frame, title, verdict));
  }

  picture(image: number, shown: HTMLImageElement): void {
    shown.alt = "";
    this.frames.get(image)?.replaceChildren(shown);
  }
}

/** What an image is called: its name where it is known, and its number where there are many. */
export function titleOf(comparison: Comparison, image: number): string {
  const name = nameOf(comparison, image);
  const number = comparison.pixels.length > 1 ? `Image ${image}` : "Candidate";
  return name ? `${number}: ${name}` : number;
}
