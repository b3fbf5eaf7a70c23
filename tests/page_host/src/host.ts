// A host for tests: the SDK's own bridge, and one sandboxed frame that holds the page.
// The test answers for the page's address, with its policy as a header, and says what servers say.

import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

type Context = Parameters<AppBridge["setHostContext"]>[0];

interface Picture {
  mimeType: string;
  blob: string;
}

class Host {
  readonly frame = document.createElement("iframe");
  /** What the page asked for, in order. */
  readonly read: string[] = [];
  readonly modes: string[] = [];
  readonly sizes: (number | undefined)[] = [];
  private bridge!: AppBridge;

  /** Show the page and wait until it said that it is ready. */
  async open(
    address: string,
    pictures: Record<string, Picture> | null,
    hostContext: Context,
  ): Promise<void> {
    const capabilities = pictures ? { serverResources: {} } : {};
    this.bridge = new AppBridge(null, { name: "test-host", version: "1" }, capabilities, {
      hostContext,
    });
    if (pictures) this.bridge.onreadresource = ({ uri }) => this.give(pictures, uri);
    this.bridge.onrequestdisplaymode = async ({ mode }) => {
      this.modes.push(mode);
      return { mode };
    };
    this.bridge.onsizechange = ({ height }) => {
      this.sizes.push(height);
      if (height) this.frame.style.height = `${height}px`;
    };
    const ready = new Promise<void>((resolve) => (this.bridge.oninitialized = () => resolve()));
    this.frame.sandbox.add("allow-scripts");
    document.body.append(this.frame);
    await this.bridge.connect(
      new PostMessageTransport(this.frame.contentWindow!, this.frame.contentWindow!),
    );
    this.frame.src = address;
    await ready;
  }

  private async give(pictures: Record<string, Picture>, uri: string) {
    this.read.push(uri);
    const picture = pictures[uri];
    if (!picture) throw new Error("Unknown resource");
    return { contents: [{ uri, ...picture }] };
  }

  input(given: Record<string, unknown>) {
    return this.bridge.sendToolInput({ arguments: given });
  }

  result(result: Parameters<AppBridge["sendToolResult"]>[0]) {
    return this.bridge.sendToolResult(result);
  }

  cancel(reason: string) {
    return this.bridge.sendToolCancelled({ reason });
  }

  context(context: Context) {
    document.body.classList.toggle("dark", context.theme === "dark");
    this.bridge.setHostContext(context);
  }
}

Object.assign(window, { host: new Host() });
