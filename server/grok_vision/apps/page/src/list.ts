// The changes, each with what was measured and what a model said; choosing one zooms to it.

import type { Change, SeenDifference, Severity } from "./comparison";
import { byId, element } from "./dom";
import { count, size } from "./words";

const SEVERITIES: Record<Severity, string> = {
  minor: "Minor",
  major: "Major",
  critical: "Critical",
};

export class List {
  private rows: { change: Change; button: HTMLButtonElement }[] = [];

  constructor(private readonly chosen: (change: Change) => void) {}

  fill(changes: Change[], found: number): void {
    this.rows = [];
    byId("changes").hidden = changes.length === 0;
    byId("columns").classList.toggle("alone", changes.length === 0);
    byId("changes-title").textContent =
      changes.length === 1 ? "1 change" : `${changes.length} changes`;
    byId("list").replaceChildren(...changes.map((change) => this.row(change)));
    const listed = changes.filter((change) => change.changedPixels !== undefined).length;
    byId("unlisted").textContent =
      found > listed ? `The largest ${listed} of ${count(found, "region")} are listed.` : "";
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
}

function described({ severity, description }: SeenDifference): HTMLElement {
  const said = element("span", { class: "severity" }, SEVERITIES[severity] ?? severity);
  said.dataset["severity"] = severity;
  return element("span", { class: "words" }, said, " ", element("span", {}, description), " ");
}

function measured({ box, changedPixels }: Change): HTMLElement {
  const place = `${size(box!)} at ${box!.x}, ${box!.y}`;
  const pixels =
    changedPixels === undefined
      ? "seen by the model only"
      : `${count(changedPixels, "pixel")} changed`;
  return element("span", { class: "quiet" }, `${place} · ${pixels}`);
}
