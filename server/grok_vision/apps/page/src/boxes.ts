// The outlines of changes over the pictures. They are for the pointer: the list holds the same for
// the keyboard and for screen readers.

import type { Change } from "./comparison";
import { element } from "./dom";
import type { View } from "./view";

/** The room in pixels that a number takes beside its outline. */
const MARK = 30;

export class Boxes {
  readonly root = element("div", { class: "boxes", "aria-hidden": "true" });
  private shown: { change: Change; outline: HTMLElement }[] = [];

  constructor(private readonly chosen: (change: Change) => void) {}

  fill(changes: Change[]): void {
    this.shown = changes.flatMap((change) =>
      change.box ? [{ change, outline: this.outline(change) }] : [],
    );
    // The largest first, so that what lies within it can still be clicked.
    this.root.replaceChildren(...this.shown.map(({ outline }) => outline));
  }

  private outline(change: Change): HTMLElement {
    const kind = change.changedPixels === undefined ? "outline seen" : "outline";
    const mark = element("span", { class: "mark" }, change.mark);
    const made = element("button", { class: kind, type: "button", tabindex: "-1" }, mark);
    made.dataset["mark"] = change.mark;
    const { x, y, width, height } = change.box!;
    for (const [name, value] of Object.entries({ x, y, width, height }))
      made.style.setProperty(`--${name}`, String(Number(value)));
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
    for (const { change, outline } of this.shown) {
      outline.classList.toggle("at-left", change.box!.x * view.scale + view.x < MARK);
      outline.classList.toggle("at-top", change.box!.y * view.scale + view.y < MARK);
    }
  }
}
