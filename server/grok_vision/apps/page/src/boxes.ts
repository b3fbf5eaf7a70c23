// The outlines of changes over the pictures. They are for the pointer: the list holds the same for
// the keyboard and for screen readers.

import type { Change } from "./changes";
import { element } from "./dom";
import type { Drawn } from "./layout";
import type { View } from "./view";

/** The room in pixels that a number takes beside its outline. */
const MARK = 30;

export class Boxes {
  readonly root = element("div", { class: "boxes", "aria-hidden": "true" });
  private shown: (Drawn & { outline: HTMLElement })[] = [];

  constructor(private readonly chosen: (change: Change) => void) {}

  fill(outlines: Drawn[]): void {
    this.shown = outlines.map((drawn) => ({ ...drawn, outline: this.outline(drawn) }));
    // The largest first, so that what lies within it can still be clicked.
    this.root.replaceChildren(...this.shown.map(({ outline }) => outline));
  }

  private outline({ change, box: { x, y, width, height } }: Drawn): HTMLElement {
    const kind = change.kind === "seen" ? "outline seen" : "outline";
    const mark = element("span", { class: "mark" }, change.mark);
    const made = element("button", { class: kind, type: "button", tabindex: "-1" }, mark);
    made.dataset["mark"] = change.mark;
    for (const [name, value] of Object.entries({ x, y, width, height }))
      made.style.setProperty(`--${name}`, String(value));
    made.addEventListener("click", () => this.chosen(change));
    return made;
  }

  select(selected: Change | undefined): void {
    for (const { change, outline } of this.shown)
      outline.classList.toggle("selected", change === selected);
    this.root.classList.toggle("narrowed", selected !== undefined);
  }

  place(view: View): void {
    this.root.style.setProperty("--scale", String(view.scale));
    this.root.style.setProperty("--left", String(view.x));
    this.root.style.setProperty("--top", String(view.y));
    for (const { box, outline } of this.shown) {
      outline.classList.toggle("at-left", box.x * view.scale + view.x < MARK);
      outline.classList.toggle("at-top", box.y * view.scale + view.y < MARK);
    }
  }
}
