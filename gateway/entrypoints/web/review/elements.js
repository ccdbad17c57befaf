// Makes elements. Text is always put in as text: nothing that a document or a sender wrote can become markup.

/** Make an element with attributes, listeners (onclick and the like) and children; null and false children are left out. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== false && child !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Replace everything in an element. */
export const fill = (element, ...children) => element.replaceChildren(...children.flat(Infinity));

/** Make the rows of a description list out of pairs; pairs without a value are left out. */
export const facts = (pairs) =>
  pairs.filter(([, value]) => value).map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value)));

const TOLD_FOR = 12_000;
let ending = 0;

/** Let a screen reader say something, also when it is what was said last; it lies over the page for a little while. */
export function tell(text) {
  const status = byId("status");
  status.textContent = "";
  clearTimeout(ending);
  requestAnimationFrame(() => {
    status.textContent = text;
  });
  ending = setTimeout(() => fill(status), TOLD_FOR);
}
