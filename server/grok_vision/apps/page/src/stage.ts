// The two pictures on one canvas, in four ways of looking at them.

import { Boxes } from "./boxes";
import type { Change } from "./changes";
import type { Pair } from "./comparison";
import { byId } from "./dom";
import { Layer } from "./layer";
import type { Drawn, Layout } from "./layout";
import { View } from "./view";

export type Mode = "slider" | "onion" | "blink" | "side";

/** What the stage shows of one image, or of the reference. */
export interface Shown {
  image: HTMLImageElement | undefined;
  alt: string;
}

export class Stage {
  mode: Mode = "slider";
  readonly panes: Pair<HTMLElement>;
  readonly reference = new Layer("reference");
  readonly candidate = new Layer("candidate");
  view = new View({ width: 1, height: 1 });
  /** From 0 to 1: how much of the candidate is seen, across or through. */
  share = 0.5;
  blinkedTo: "reference" | "candidate" = "candidate";
  private readonly boxes: Pair<Boxes>;
  private outlines: Drawn[] = [];
  private selected: Change | undefined;
  private readonly root = byId("stage");
  private readonly divider = byId("divider");

  constructor(
    chosen: (change: Change) => void,
    private readonly height: () => number,
    private readonly moved: () => void,
  ) {
    this.boxes = [new Boxes(chosen), new Boxes(chosen)];
    this.panes = [byId("pane-1"), byId("pane-2")];
    this.panes[0].prepend(this.reference.root, this.candidate.root, this.boxes[0].root);
    this.panes[1].prepend(this.boxes[1].root);
    let width = 0;
    new ResizeObserver(() => {
      // Only another width asks for another height: a height of ours must not call for the next.
      if (width !== this.root.clientWidth) this.measure();
      width = this.root.clientWidth;
    }).observe(this.root);
  }

  /** Show both pictures, or their empty sheets, and keep to the change that is looked at. */
  show({ canvas, pair, outlines }: Layout, [reference, candidate]: Pair<Shown>): void {
    this.view = new View(canvas);
    this.reference.fill(pair[0], canvas, reference.image, reference.alt);
    this.candidate.fill(pair[1], canvas, candidate.image, candidate.alt);
    if (this.outlines !== outlines) this.boxes.forEach((boxes) => boxes.fill(outlines));
    this.outlines = outlines;
    this.measure();
  }

  /** Zoom to a change, or to the whole. */
  select(change: Change | undefined): void {
    this.selected = change;
    this.boxes.forEach((boxes) => boxes.select(change));
    const drawn = this.outlines.find((outline) => outline.change === change);
    if (drawn) this.view.show(drawn.box);
    else this.view.fit();
    this.place();
  }

  switchTo(mode: Mode): void {
    this.mode = mode;
    this.root.dataset["view"] = mode;
    const apart = mode === "side";
    if (apart) this.panes[1].prepend(this.candidate.root);
    else this.panes[0].insertBefore(this.candidate.root, this.boxes[0].root);
    this.measure();
  }

  /** Take the room that there is, and look at what was looked at. */
  measure(): void {
    const width = this.panes[0].clientWidth;
    if (!width) return;
    const height = this.view.resize(width, this.height());
    this.root.style.setProperty("--height", `${height}px`);
    this.select(this.selected);
  }

  place(): void {
    for (const part of [this.reference, this.candidate, ...this.boxes]) part.place(this.view);
    this.blend();
    this.moved();
  }

  /** Show as much of each picture as the way of looking asks for. */
  blend(): void {
    const [left, right] = this.view.across;
    const cut = left + (right - left) * (1 - this.share);
    const { style: below } = this.reference.root;
    const { style: above } = this.candidate.root;
    const split = this.mode === "slider";
    below.clipPath = split ? `inset(0 ${this.view.pane.width - cut}px 0 0)` : "";
    above.clipPath = split ? `inset(0 0 0 ${cut}px)` : "";
    above.opacity = this.mode === "onion" ? String(this.share) : "";
    const blinking = this.mode === "blink";
    below.visibility = blinking && this.blinkedTo === "candidate" ? "hidden" : "";
    above.visibility = blinking && this.blinkedTo === "reference" ? "hidden" : "";
    this.divider.style.left = `${cut}px`;
  }

  /** Move the divider to a place of the pane. */
  cutAt(x: number): void {
    const [left, right] = this.view.across;
    this.share = 1 - Math.min(1, Math.max(0, (x - left) / (right - left || 1)));
    this.blend();
  }
}
