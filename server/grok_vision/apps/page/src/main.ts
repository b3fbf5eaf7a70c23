// The page ui://grok-vision/compare: waits for the result of compare_images, and shows it.

import { App } from "@modelcontextprotocol/ext-apps";
import { Compare } from "./compare";
import { comparisonIn, sourcesIn } from "./comparison";
import { announce, byId } from "./dom";
import { Host } from "./host";
import { Pictures } from "./pictures";

const app = new App(
  { name: "grok-vision-compare", version: "1.0.0" },
  { availableDisplayModes: ["inline", "fullscreen"] },
);
const host = new Host(app, () => compare.resize());
const compare = new Compare(new Pictures(app), () => host.pictureHeight);

/** Show a sentence in place of a comparison. */
function say(title: string, words = "", verdict = ""): void {
  compare.stop();
  const heading = byId("verdict");
  heading.textContent = title;
  heading.dataset["verdict"] = verdict;
  byId("told").textContent = words;
  byId("summary").textContent = "";
  byId("notes").replaceChildren();
  byId("work").hidden = true;
  announce(`${title} ${words}`);
}

app.ontoolinput = ({ arguments: given }) => {
  const images = given?.["images"];
  const many = Array.isArray(images) ? `${images.length} images ` : "";
  byId("verdict").lastChild!.textContent = `Comparing ${many}…`;
  announce(`Comparing ${many}`);
};

app.ontoolresult = (result) => {
  const texts =
    result.content?.flatMap((block) => (block.type === "text" ? [block.text] : [])) ?? [];
  const words = texts.join("\n");
  const comparison = comparisonIn(result.structuredContent);
  if (result.isError) say("Not compared", words, "failed");
  else if (!comparison) say("No comparison to show", words);
  // Whatever the page stumbles over, what the model was told can still be read.
  else
    compare
      .show(comparison, sourcesIn(result._meta))
      .catch(() => say("No comparison to show", words));
};

app.ontoolcancelled = ({ reason }) => say("Cancelled", reason ?? "");

app.onhostcontextchanged = (context) => host.apply(context);

app.onteardown = () => {
  compare.stop();
  return {};
};

await app.connect();
host.apply(app.getHostContext() ?? {});
