// One comparison on the page: which image is looked at, and which of its changes.

import type { Change } from "./changes";
import type { Comparison, Pair, PixelDifference, Source } from "./comparison";
import { Controls } from "./controls";
import { announce, byId } from "./dom";
import { listen } from "./gestures";
import { showHeader, showNotes } from "./header";
import { layoutOf, type Layout } from "./layout";
import { List } from "./list";
import { GONE, UNREADABLE, type Pictures } from "./pictures";
import { Stage, type Shown } from "./stage";
import { Strip, titleOf } from "./strip";
import { costSentence, count, size, summaryOf, told, verdictOf } from "./words";

export class Compare {
  private readonly stage: Stage;
  private readonly controls: Controls;
  private readonly list = new List((change) => this.choose(change));
  private readonly strip = new Strip((pixels) => {
    announce(`${titleOf(this.comparison, pixels.image)}. ${spoken(pixels)}`);
    void this.look(pixels);
  });
  private comparison!: Comparison;
  private sources: (Source | undefined)[] = [];
  private pixels!: PixelDifference;
  private selected: Change | undefined;
  private pair: Pair<Source | undefined> = [undefined, undefined];
  private layout!: Layout;
  private images: HTMLImageElement[] = [];

  constructor(
    private readonly pictures: Pictures,
    height: () => number,
  ) {
    const pointed = (change: Change) => {
      this.choose(change);
      this.list.focus(change);
    };
    this.stage = new Stage(pointed, height, () => this.controls?.sayZoom());
    this.controls = new Controls(this.stage, () => this.choose(undefined));
    listen(
      this.stage,
      () => this.controls.followDivider(),
      () => this.choose(undefined),
    );
  }

  async show(comparison: Comparison, sources: (Source | undefined)[]): Promise<void> {
    this.stop();
    this.comparison = comparison;
    this.sources = sources;
    byId("work").hidden = false;
    byId("footer").textContent = costSentence(comparison);
    byId("raw").hidden = !comparison.raw;
    byId("raw").querySelector("pre")!.textContent = comparison.raw ?? "";
    this.strip.fill(comparison);
    const [first] = comparison.pixels;
    announce(`${spoken(first!)} ${summaryOf(comparison)}`);
    await this.look(first!);
    if (comparison.pixels.length > 1) await this.fillStrip();
  }

  resize(): void {
    this.stage.measure();
  }

  stop(): void {
    this.controls.stop();
  }

  /** Hold an image against the reference: words and outlines at once, then the pictures. */
  private async look(pixels: PixelDifference): Promise<void> {
    this.pixels = pixels;
    this.pair = [this.sources[0], this.sources[pixels.image - 1]];
    this.images = [];
    showHeader(this.comparison, pixels);
    showNotes(this.comparison, pixels, this.pair, (undone) => this.lay(undone));
    this.lay(pixels.shift !== undefined && !pixels.scale);
    const images = await this.readPair(this.pair);
    // Another image may have been chosen while these were read.
    if (!images || this.pixels !== pixels) return;
    this.images = images;
    this.stage.show(this.layout, this.sheets());
    this.choose(this.selected, true);
  }

  /** Lay the pictures over each other and outline what changed, with a shift undone or not. */
  private lay(undone: boolean): void {
    this.layout = layoutOf(this.comparison, this.pixels, this.pair, undone);
    this.controls.start(
      titleOf(this.comparison, this.pixels.image),
      this.layout.outlines.length > 0,
    );
    this.list.fill(this.layout);
    this.stage.show(this.layout, this.sheets());
    this.choose(undefined, true);
  }

  private async readPair(pair: (Source | undefined)[]): Promise<HTMLImageElement[] | undefined> {
    const known = pair.filter((source) => source !== undefined);
    const said = !this.pictures.offered ? UNREADABLE : known.length < 2 ? GONE : "";
    this.sayUnshown(said);
    if (said) return undefined;
    try {
      return await Promise.all(known.map((source) => this.pictures.of(source)));
    } catch {
      if (this.pair === pair) this.sayUnshown(GONE);
      return undefined;
    }
  }

  private sayUnshown(words: string): void {
    const outlined = this.layout.outlines.length > 0;
    byId("looking").classList.toggle("nothing", words !== "" && !outlined);
    byId("unshown").textContent = words;
    byId("unshown").hidden = words === "";
    byId("stage").classList.toggle("empty", words !== "");
  }

  private async fillStrip(): Promise<void> {
    if (!this.pictures.offered) return;
    for (const { image } of this.comparison.pixels) {
      const source = this.sources[image - 1];
      const read = source && (await this.pictures.of(source).catch(() => undefined));
      if (read) this.strip.picture(image, read);
    }
  }

  /** Zoom to a change; to the whole where none is given, or the one that was zoomed to. */
  private choose(change: Change | undefined, again = false): void {
    this.selected = change === this.selected && !again ? undefined : change;
    this.stage.select(this.selected);
    this.list.select(this.selected);
    if (again) return;
    announce(this.selected ? `Zoomed to region ${this.selected.mark}` : "Whole pictures");
  }

  /** Both pictures, or their empty sheets before they are read, and what they are in words. */
  private sheets(): Pair<Shown> {
    const [one, other] = this.pair;
    const sized = (source: Source | undefined) => (source ? `, ${size(source)} pixels` : "");
    const { found } = this.layout;
    const changed = found ? `, ${count(found, "changed region")}` : "";
    const title = titleOf(this.comparison, this.pixels.image);
    return [
      { image: this.images[0], alt: `Reference${sized(one)}` },
      { image: this.images[1], alt: `${title}${sized(other)}${changed}` },
    ];
  }
}

function spoken(pixels: PixelDifference): string {
  return `${verdictOf(pixels.verdict)}. ${told(pixels)}`;
}
