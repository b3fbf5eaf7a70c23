// The host's theme, type and room, taken over when it tells them and whenever they change.

import {
  applyDocumentTheme,
  applyHostFonts,
  applyHostStyleVariables,
  type App,
  type McpUiHostContext,
} from "@modelcontextprotocol/ext-apps";
import { byId } from "./dom";

/** The height that the pictures may take where the frame grows with the page. */
const INLINE_HEIGHT = 560;
const SMALLEST_HEIGHT = 200;
/** About what stands above and below the pictures. */
const AROUND = 250;

export class Host {
  private context: McpUiHostContext = {};

  constructor(
    private readonly app: App,
    private readonly changed: () => void,
  ) {
    byId("fullscreen").addEventListener("click", () => void this.toggleFullscreen());
  }

  apply(update: McpUiHostContext): void {
    this.context = { ...this.context, ...update };
    const { theme, styles, safeAreaInsets } = update;
    if (theme) applyDocumentTheme(theme);
    if (styles?.variables) applyHostStyleVariables(styles.variables);
    if (styles?.css?.fonts) applyHostFonts(styles.css.fonts);
    for (const side of safeAreaInsets ? (["top", "right", "bottom", "left"] as const) : [])
      document.documentElement.style.setProperty(`--inset-${side}`, `${safeAreaInsets![side]}px`);
    this.showFullscreen();
    this.changed();
  }

  /** The most pixels that the pictures may be high. */
  get pictureHeight(): number {
    const room = this.context.containerDimensions ?? {};
    const filled = "height" in room ? room.height : undefined;
    const most = "maxHeight" in room ? room.maxHeight : undefined;
    if (this.fullscreen || filled)
      return Math.max(SMALLEST_HEIGHT, (filled ?? innerHeight) - AROUND);
    return Math.max(SMALLEST_HEIGHT, Math.min(INLINE_HEIGHT, (most ?? Infinity) - AROUND));
  }

  private get fullscreen(): boolean {
    return this.context.displayMode === "fullscreen";
  }

  private showFullscreen(): void {
    const button = byId<HTMLButtonElement>("fullscreen");
    const wanted = this.fullscreen ? "inline" : "fullscreen";
    button.hidden = !this.context.availableDisplayModes?.includes(wanted);
    button.textContent = this.fullscreen ? "Exit full screen" : "Full screen";
    document.documentElement.dataset["mode"] = this.context.displayMode ?? "inline";
  }

  private async toggleFullscreen(): Promise<void> {
    const mode = this.fullscreen ? "inline" : "fullscreen";
    const granted = await this.app.requestDisplayMode({ mode });
    this.apply({ displayMode: granted.mode });
  }
}
