// One picture on the canvas: clipped, faded or hidden by its layer, moved and scaled by its board.

import type { Box } from "./comparison";
import { element } from "./dom";
import type { Laid } from "./layout";
import type { Size, View } from "./view";

export class Layer {
  readonly root: HTMLElement;
  private readonly board = element("div", { class: "board" });
  private images: HTMLImageElement[] = [];

  constructor(readonly name: "reference" | "candidate") {
    this.root = element("div", { class: `layer ${name}` }, this.board);
  }

  /** Show a picture, or where there is none its empty sheet. */
  fill({ size, gap }: Laid, canvas: Size, image: HTMLImageElement | undefined, alt: string): void {
    const { width, height } = size ?? canvas;
    const shown: HTMLElement =
      image ?? element("div", { class: "sheet", role: "img", "aria-label": alt });
    shown.style.width = `${width}px`;
    shown.style.height = `${height}px`;
    this.images = image ? [image] : [];
    this.board.replaceChildren(shown);
    if (!image) return;
    image.alt = alt;
    image.draggable = false;
    image.style.clipPath = "";
    if (gap) this.open(image, gap);
  }

  /** Make room for what the other picture has here: what is below it moves down. */
  private open(image: HTMLImageElement, { x, y, width, height }: Box): void {
    const moved = image.cloneNode() as HTMLImageElement;
    const end = x + width;
    const corners = [
      ["0", "0"],
      ["100%", "0"],
      ["100%", "100%"],
      [`${end}px`, "100%"],
      [`${end}px`, `${y}px`],
      [`${x}px`, `${y}px`],
      [`${x}px`, "100%"],
      ["0", "100%"],
    ];
    image.style.clipPath = `polygon(${corners.map((corner) => corner.join(" ")).join()})`;
    moved.style.clipPath = `inset(${y}px calc(100% - ${end}px) 0 ${x}px)`;
    moved.style.top = `${height}px`;
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
