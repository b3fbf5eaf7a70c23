// One picture on the canvas: clipped, faded or hidden by its layer, moved and scaled by its board.

import type { Shift, Source } from "./comparison";
import { element } from "./dom";
import type { View } from "./view";

export class Layer {
  readonly root: HTMLElement;
  private readonly board = element("div", { class: "board" });
  private images: HTMLImageElement[] = [];

  constructor(readonly name: "reference" | "candidate") {
    this.root = element("div", { class: `layer ${name}` }, this.board);
  }

  /** Show a picture, or where there is none its empty sheet. */
  fill(source: Source | undefined, image: HTMLImageElement | undefined, alt: string): void {
    const { width = 0, height = 0 } = source ?? {};
    const shown: HTMLElement =
      image ?? element("div", { class: "sheet", role: "img", "aria-label": alt });
    shown.style.width = `${width}px`;
    shown.style.height = `${height}px`;
    this.images = image ? [image] : [];
    if (image) {
      image.alt = alt;
      image.draggable = false;
    }
    this.board.replaceChildren(shown);
  }

  /** Move the rows below a shift back to where the reference has them. */
  align(shift: Shift | undefined): void {
    const [image] = this.images;
    if (!image) return;
    this.images = [image];
    image.style.clipPath = "";
    this.board.replaceChildren(image);
    if (!shift) return;
    const moved = image.cloneNode() as HTMLImageElement;
    const height = parseFloat(image.style.height);
    const start = Math.max(0, shift.from_y + shift.dy);
    image.style.clipPath = `inset(0 0 ${height - Math.min(shift.from_y, start)}px 0)`;
    moved.style.clipPath = `inset(${start}px 0 0 0)`;
    moved.style.top = `${-shift.dy}px`;
    moved.alt = "";
    this.images.push(moved);
    this.board.append(moved);
  }

  place(view: View): void {
    this.board.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    for (const image of this.images) {
      const enlarged =
        (view.scale * parseFloat(image.style.width)) / (image.naturalWidth || Infinity);
      image.classList.toggle("pixelated", enlarged > 2);
    }
  }
}
