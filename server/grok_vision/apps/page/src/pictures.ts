// Pictures come through the host, one resource each, and are shown from data: addresses: the
// strictest policy that the specification names lets pages show these, but no blob: addresses.

import type { App } from "@modelcontextprotocol/ext-apps";
import type { Source } from "./comparison";

export const UNREADABLE = "The pictures cannot be shown: this host does not pass them on to pages.";
export const GONE = "The pictures are no longer kept; compare again to see them.";

/** How the bytes of a picture begin in base64: a server may not know to say what they are. */
const SIGNATURES = { iVBORw0KGgo: "image/png", "/9j/": "image/jpeg" };

/** Reads each picture once, when it is first asked for. */
export class Pictures {
  private readonly read = new Map<string, Promise<HTMLImageElement>>();

  constructor(private readonly app: App) {}

  get offered(): boolean {
    return this.app.getHostCapabilities()?.serverResources !== undefined;
  }

  /** Give an image of one's own; it fails where the picture is gone. */
  async of(source: Source): Promise<HTMLImageElement> {
    const kept = this.read.get(source.uri) ?? this.load(source);
    this.read.set(source.uri, kept);
    return (await kept).cloneNode() as HTMLImageElement;
  }

  private async load({ uri }: Source): Promise<HTMLImageElement> {
    const { contents } = await this.app.readServerResource({ uri });
    for (const content of contents) {
      const blob = "blob" in content ? content.blob : "";
      const kind = Object.entries(SIGNATURES).find(([start]) => blob.startsWith(start))?.[1];
      if (!kind) continue;
      const image = new Image();
      image.src = `data:${kind};base64,${blob}`;
      await image.decode();
      return image;
    }
    throw new Error("The resource holds no picture.");
  }
}
