// One comparison on the page: which image is looked at, and which of its changes.

import {
  changesOf,
  type Change,
  type Comparison,
  type PixelDifference,
  type Shift,
  type Source,
} from "./comparison";
import { Controls } from "./controls";
import { announce, byId } from "./dom";
import { listen } from "./gestures";
import { showHeader, showNotes } from "./header";
import { List } from "./list";
import { GONE, UNREADABLE, type Pictures } from "./pictures";
import { Stage, unionOf, type Shown } from "./stage";
import { Strip, titleOf } from "./strip";
import { VERDICTS, costSentence, count, size, summaryOf, told } from "./words";

type Pair<Kind> = [Kind, Kind];

export class Compare {
  private readonly stage: Stage;
  private readonly controls: Controls;
  private readonly list = new List((change) => this.choose(change));
  private readonly strip = new Strip((pixels) => {
    announce(`${titleOf(this.comparison, pixels.image)}. ${verdictOf(pixels)}`);
    void this.look(pixels);
  });
  private comparison!: Comparison;
  private sources: Source[] = [];
  private pixels!: PixelDifference;
  private selected: Change | undefined;
  private undone: Shift | undefined;

  constructor(
    private readonly pictures: Pictures,
    height: () => number,
  ) {
    const chosen = (change: Change) => this.choose(change);
    this.stage = new Stage(chosen, height, () => this.controls?.sayZoom());
    this.controls = new Controls(this.stage, () => this.choose(undefined));
    listen(
      this.stage,
      () => this.controls.followDivider(),
      () => this.choose(undefined),
    );
  }

  async show(comparison: Comparison, sources: Source[]): Promise<void> {
    this.comparison = comparison;
    this.sources = sources;
    byId("work").hidden = false;
    byId("footer").textContent = costSentence(comparison);
    byId("raw").hidden = !comparison.raw;
    byId("raw").querySelector("pre")!.textContent = comparison.raw ?? "";
    this.strip.fill(comparison);
    const [first] = comparison.pixels;
    announce(`${verdictOf(first!)} ${summaryOf(comparison)}`);
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
    this.undone = undefined;
    const pair: Pair<Source | undefined> = [this.sources[0], this.sources[pixels.image - 1]];
    showHeader(this.comparison, pixels);
    showNotes(this.comparison, pixels, pair, (undone) =>
      this.undo(undone ? pixels.shift : undefined),
    );
    const changes = this.changes(pixels.regions ?? []);
    this.controls.start(
      titleOf(this.comparison, pixels.image),
      changes.some(({ box }) => box),
    );
    const canvas = unionOf(pair, changes);
    const empty = this.sheets(pair);
    this.stage.show(canvas, ...empty);
    this.mark(changes, pixels.regions_found ?? 0);
    const images = await this.readPair(pair);
    // Another image may have been chosen while these were read.
    if (!images || this.pixels !== pixels) return;
    const [one, other] = empty;
    this.stage.show(canvas, { ...one, image: images[0] }, { ...other, image: images[1] });
    this.stage.align(this.undone);
    this.choose(this.selected, true);
  }

  private async readPair(pair: (Source | undefined)[]): Promise<HTMLImageElement[] | undefined> {
    const known = pair.filter((source) => source !== undefined);
    const said = !this.pictures.offered ? UNREADABLE : known.length < 2 ? GONE : "";
    this.sayUnshown(said);
    if (said) return undefined;
    try {
      return await Promise.all(known.map((source) => this.pictures.of(source)));
    } catch {
      this.sayUnshown(GONE);
      return undefined;
    }
  }

  private sayUnshown(words: string): void {
    const outlined = this.changes(this.pixels.regions ?? []).some(({ box }) => box);
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

  private changes(regions: NonNullable<PixelDifference["regions"]>): Change[] {
    return changesOf(this.comparison, this.pixels, regions);
  }

  private mark(changes: Change[], found: number): void {
    this.selected = undefined;
    this.list.fill(changes, found);
    this.stage.mark(changes);
  }

  private undo(shift: Shift | undefined): void {
    this.undone = shift;
    this.stage.align(shift);
    const regions = (shift ? shift.regions : this.pixels.regions) ?? [];
    this.mark(this.changes(regions), shift ? 0 : (this.pixels.regions_found ?? 0));
  }

  /** Zoom to a change; to the whole where none is given, or the one that was zoomed to. */
  private choose(change: Change | undefined, again = false): void {
    this.selected = change === this.selected && !again ? undefined : change;
    this.stage.select(this.selected);
    this.list.select(this.selected);
    if (again) return;
    announce(this.selected ? `Zoomed to region ${this.selected.mark}` : "Whole pictures");
  }

  /** Both pictures in words, before they are read. */
  private sheets([one, other]: Pair<Source | undefined>): Pair<Shown> {
    const sized = (source: Source | undefined) => (source ? `, ${size(source)} pixels` : "");
    const found = this.pixels.regions_found ?? this.pixels.regions?.length ?? 0;
    const changed = found ? `, ${count(found, "changed region")}` : "";
    const title = titleOf(this.comparison, this.pixels.image);
    return [
      { source: one, image: undefined, alt: `Reference${sized(one)}` },
      { source: other, image: undefined, alt: `${title}${sized(other)}${changed}` },
    ];
  }
}

function verdictOf(pixels: PixelDifference): string {
  return `${VERDICTS[pixels.verdict] ?? pixels.verdict}. ${told(pixels)}`;
}
