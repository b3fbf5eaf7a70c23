// The changes, each with what was measured and what a model said; choosing one zooms to it.

import type { Change, Changes } from "./changes";
import type { SeenDifference } from "./comparison";
import { byId, element } from "./dom";
import { count, severityOf, size } from "./words";

export class List {
  private rows: { change: Change; button: HTMLButtonElement }[] = [];

  constructor(private readonly chosen: (change: Change) => void) {}

  fill({ changes, unlisted }: Changes): void {
    this.rows = [];
    byId("changes").hidden = changes.length === 0;
    byId("columns").classList.toggle("alone", changes.length === 0);
    byId("changes-title").textContent =
      changes.length === 1 ? "1 change" : `${changes.length} changes`;
    byId("list").replaceChildren(...changes.map((change) => this.row(change)));
    byId("unlisted").textContent = unlisted;
  }

  private row(change: Change): HTMLElement {
    const words = change.words.map(described);
    if (!change.box) return element("li", {}, element("div", { class: "row" }, ...words));
    const mark = element("span", { class: "mark", "aria-hidden": "true" }, change.mark);
    const unseen = element("span", { class: "unseen" }, `Region ${change.mark}: `);
    const body = element("span", { class: "body" }, unseen, ...words, measured(change));
    const button = element(
      "button",
      { type: "button", class: "row", "aria-pressed": "false" },
      mark,
      body,
    );
    button.addEventListener("click", () => this.chosen(change));
    this.rows.push({ change, button });
    return element("li", {}, button);
  }

  select(selected: Change | undefined): void {
    for (const { change, button } of this.rows) {
      button.setAttribute("aria-pressed", String(change === selected));
      if (change === selected) button.scrollIntoView({ block: "nearest" });
    }
  }

  /** Put the keyboard where a change is listed, after it was clicked on the pictures. */
  focus(chosen: Change): void {
    const row = this.rows.find(({ change }) => change === chosen);
    row?.button.focus({ preventScroll: true });
  }
}

function described({ severity, description }: SeenDifference): HTMLElement {
  const said = element("span", { class: "severity" }, severityOf(severity));
  said.dataset["severity"] = severity;
  return element("span", { class: "words" }, said, " ", element("span", {}, description), " ");
}

function measured({ box, kind, changedPixels = 0 }: Change): HTMLElement {
  const said = {
    changed: `${count(changedPixels, "pixel")} changed`,
    "came in": "came in",
    "went out": "went out",
    unlike: "looks otherwise",
    seen: "seen by the model only",
  };
  const place = `${size(box!)} at ${box!.x}, ${box!.y}`;
  return element("span", { class: "quiet" }, `${place} · ${said[kind]}`);
}
