// The pointer and the keyboard on the pictures: move, zoom, and drag the divider.

import { byId } from "./dom";
import type { Stage } from "./stage";

const STEP = 48;
export const ZOOM = 1.4;

/** `cut` is called when the divider was moved, `back` to show the whole again. */
export function listen(stage: Stage, cut: () => void, back: () => void): void {
  for (const pane of stage.panes) {
    pane.addEventListener("pointerdown", (event) => drag(stage, pane, event, cut));
    pane.addEventListener("wheel", (event) => wheel(stage, pane, event), { passive: false });
    pane.addEventListener("keydown", (event) => key(stage, event, back));
  }
}

function drag(stage: Stage, pane: HTMLElement, start: PointerEvent, cut: () => void): void {
  const target = start.target as Element;
  if (start.button !== 0 || target.closest(".outline")) return;
  const dividing =
    stage.mode === "slider" && (!stage.view.zoomed || target.closest("#divider") !== null);
  const followed = new AbortController();
  const options = { signal: followed.signal };
  const divide = (event: PointerEvent) => {
    stage.cutAt(event.clientX - pane.getBoundingClientRect().left);
    cut();
  };
  const move = (event: PointerEvent) => {
    if (dividing) divide(event);
    else {
      stage.view.move(event.movementX, event.movementY);
      stage.place();
    }
  };
  if (dividing) divide(start);
  else if (!stage.view.zoomed) return;
  pane.setPointerCapture(start.pointerId);
  byId("stage").classList.add("held");
  const end = () => {
    byId("stage").classList.remove("held");
    followed.abort();
  };
  pane.addEventListener("pointermove", move, options);
  pane.addEventListener("pointerup", end, options);
  pane.addEventListener("pointercancel", end, options);
}

/** A pinch arrives as a wheel with Ctrl; a plain wheel is the host's, to scroll with. */
function wheel(stage: Stage, pane: HTMLElement, event: WheelEvent): void {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const { left, top } = pane.getBoundingClientRect();
  stage.view.zoom(Math.exp(-event.deltaY / 200), {
    x: event.clientX - left,
    y: event.clientY - top,
  });
  stage.place();
}

function key(stage: Stage, event: KeyboardEvent, back: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const moves: Record<string, () => void> = {
    ArrowLeft: () => stage.view.move(STEP, 0),
    ArrowRight: () => stage.view.move(-STEP, 0),
    ArrowUp: () => stage.view.move(0, STEP),
    ArrowDown: () => stage.view.move(0, -STEP),
    "+": () => stage.view.zoom(ZOOM),
    "=": () => stage.view.zoom(ZOOM),
    "-": () => stage.view.zoom(1 / ZOOM),
    "0": back,
  };
  const move = moves[event.key];
  // An arrow that moves nothing scrolls the frame, as people expect.
  if (!move || (event.key.startsWith("Arrow") && !stage.view.zoomed)) return;
  event.preventDefault();
  move();
  stage.place();
}
