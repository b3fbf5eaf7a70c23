// Which part of the pictures is seen, and how large: arithmetic only.

import type { Box } from "./comparison";

export interface Size {
  width: number;
  height: number;
}

const LARGEST_SCALE = 16;
/** Pictures are shown at their size at most, but an icon at least this large. */
const SMALLEST_SHOWN = 256;
/** A region that is zoomed to leaves this part of the pane for what is around it. */
const SURROUNDINGS = 0.45;

export class View {
  scale = 1;
  x = 0;
  y = 0;
  pane: Size = { width: 0, height: 0 };

  constructor(readonly canvas: Size) {}

  /** The scale at which the whole canvas is seen. */
  get fitting(): number {
    const room = Math.min(
      this.pane.width / this.canvas.width,
      this.pane.height / this.canvas.height,
    );
    return Math.min(room, this.unzoomed);
  }

  get zoomed(): boolean {
    return this.scale > this.fitting * 1.001;
  }

  private get unzoomed(): number {
    return Math.max(
      1,
      Math.min(8, SMALLEST_SHOWN / Math.max(this.canvas.width, this.canvas.height)),
    );
  }

  /** Take the pane's width and the height that it may have; return the height that it needs. */
  resize(width: number, most: number): number {
    const fitting = Math.min(width / this.canvas.width, this.unzoomed);
    this.pane = {
      width,
      height: Math.ceil(Math.min(most, Math.max(120, this.canvas.height * fitting))),
    };
    return this.pane.height;
  }

  fit(): void {
    this.scale = this.fitting;
    this.settle();
  }

  /** Show a rectangle in the middle, as large as its surroundings leave room for. */
  show(box: Box): void {
    const room = 1 - SURROUNDINGS;
    const wanted = Math.min(
      (this.pane.width * room) / Math.max(1, box.width),
      (this.pane.height * room) / Math.max(1, box.height),
      8,
    );
    this.scale = Math.max(this.fitting, wanted);
    this.x = this.pane.width / 2 - (box.x + box.width / 2) * this.scale;
    this.y = this.pane.height / 2 - (box.y + box.height / 2) * this.scale;
    this.settle();
  }

  /** Zoom by a factor around a point of the pane, its middle unless told. */
  zoom(factor: number, at = { x: this.pane.width / 2, y: this.pane.height / 2 }): void {
    const scale = Math.min(LARGEST_SCALE, Math.max(this.fitting, this.scale * factor));
    this.x = at.x - ((at.x - this.x) * scale) / this.scale;
    this.y = at.y - ((at.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.settle();
  }

  move(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.settle();
  }

  /** Let no empty room be seen where there is picture, and centre what is smaller than the pane. */
  private settle(): void {
    this.x = settled(this.x, this.pane.width, this.canvas.width * this.scale);
    this.y = settled(this.y, this.pane.height, this.canvas.height * this.scale);
  }

  /** The part of the pane, from left to right in pixels, in which there is picture. */
  get across(): [number, number] {
    const right = this.x + this.canvas.width * this.scale;
    return [Math.max(0, this.x), Math.min(this.pane.width, right)];
  }
}

function settled(offset: number, room: number, length: number): number {
  return length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, offset));
}
