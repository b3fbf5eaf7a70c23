// Elements are made here and nowhere from HTML: words of pictures and models stay words.

type Child = Node | string | undefined | false;

/** Make an element; strings among its children become text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** Return the element of page.html that has this id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page.html has no #${id}`);
  return found as Kind;
}

/** Say something to screen readers without moving the focus. */
export function announce(words: string): void {
  byId("live").textContent = words;
}
