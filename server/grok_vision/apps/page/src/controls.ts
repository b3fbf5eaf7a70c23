// The controls around the pictures, and what they say of themselves.

import { announce, byId } from "./dom";
import { ZOOM } from "./gestures";
import type { Mode, Stage } from "./stage";

/** How long each picture is shown; they may change at most twice in a second. */
const BLINK_MS = 700;

export class Controls {
  private readonly share = byId<HTMLInputElement>("share");
  private timer: number | undefined;
  private title = "Candidate";

  constructor(
    private readonly stage: Stage,
    private readonly back: () => void,
  ) {
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=mode]"))
      radio.addEventListener("change", () => this.switchTo(radio.value as Mode));
    this.share.addEventListener("input", () => {
      stage.share = 1 - Number(this.share.value) / 100;
      if (stage.mode === "onion") stage.share = Number(this.share.value) / 100;
      stage.blend();
      this.saySplit();
    });
    byId("zoom-in").addEventListener("click", () => this.zoom(ZOOM));
    byId("zoom-out").addEventListener("click", () => this.zoom(1 / ZOOM));
    byId("zoom-fit").addEventListener("click", back);
    byId("swap").addEventListener("click", () => this.swap(true));
    byId("blink").addEventListener("click", () => this.setBlinking(this.timer === undefined));
    byId<HTMLInputElement>("outlines").addEventListener("change", ({ target }) =>
      byId("stage").classList.toggle("bare", !(target as HTMLInputElement).checked),
    );
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.stage.view.zoomed) this.back();
    });
  }

  /** Start again with another image: its name, and whether there is anything to outline. */
  start(title: string, outlined: boolean): void {
    this.title = title;
    for (const id of ["label-right", "label-second"]) byId(id).textContent = title;
    byId("outlines-choice").hidden = !outlined;
    this.sayShown();
    this.saySplit();
  }

  switchTo(mode: Mode): void {
    this.setBlinking(false);
    this.stage.blinkedTo = "candidate";
    this.stage.share = 0.5;
    this.share.value = "50";
    byId("blend").hidden = mode !== "slider" && mode !== "onion";
    byId("blinking").hidden = mode !== "blink";
    byId("blend").dataset["view"] = mode;
    this.stage.switchTo(mode);
    this.sayShown();
    this.saySplit();
  }

  /** Follow a divider that was dragged. */
  followDivider(): void {
    this.share.value = String(Math.round((1 - this.stage.share) * 100));
    this.saySplit();
  }

  sayZoom(): void {
    const { scale, zoomed } = this.stage.view;
    const fit = byId("zoom-fit");
    fit.textContent = `${Math.round(scale * 100)}%`;
    fit.setAttribute("aria-label", `Show whole pictures; now at ${fit.textContent}`);
    byId("stage").classList.toggle("zoomed", zoomed);
    byId<HTMLButtonElement>("zoom-out").disabled = !zoomed;
  }

  stop(): void {
    this.setBlinking(false);
  }

  private zoom(factor: number): void {
    this.stage.view.zoom(factor);
    this.stage.place();
  }

  private saySplit(): void {
    const value = Number(this.share.value);
    const onion = this.stage.mode === "onion";
    this.share.setAttribute(
      "aria-label",
      onion ? "How much of the candidate is seen through" : "Divider",
    );
    const [reference, candidate] = onion ? [100 - value, value] : [value, 100 - value];
    this.share.setAttribute("aria-valuetext", `${reference}% reference, ${candidate}% candidate`);
  }

  private swap(said: boolean): void {
    this.stage.blinkedTo = this.stage.blinkedTo === "candidate" ? "reference" : "candidate";
    this.stage.blend();
    this.sayShown();
    if (said) announce(`Now shown: ${byId("blinked").textContent}`);
  }

  private sayShown(): void {
    const { mode, blinkedTo } = this.stage;
    const shown = blinkedTo === "candidate" ? this.title : "Reference";
    byId("blinked").textContent = shown;
    if (mode === "blink") byId("label-right").textContent = shown;
    else byId("label-right").textContent = this.title;
  }

  private setBlinking(wanted: boolean): void {
    if (!wanted) clearInterval(this.timer);
    this.timer = wanted ? window.setInterval(() => this.swap(false), BLINK_MS) : undefined;
    byId("blink").setAttribute("aria-pressed", String(wanted));
    byId("blink").textContent = wanted ? "Stop blinking" : "Blink";
  }
}
