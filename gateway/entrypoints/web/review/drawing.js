// Draws a box on a page by pointer: a mouse drags at any time, two clicks on opposite corners and a finger only while
// drawing is on, so that a finger can still scroll the page.

import { make, tell } from "./elements.js";
import { say } from "./words.js";

const LEAST_PIXELS = 6;

export class Drawing {
  #on = false;
  #from = null;
  #corner = null;
  #outline = null;

  constructor(paper, done) {
    this.paper = paper;
    this.done = done;
    paper.addEventListener("pointerdown", (event) => this.#down(event));
    paper.addEventListener("pointermove", (event) => this.#move(event));
    paper.addEventListener("pointerup", (event) => this.#up(event));
    paper.addEventListener("pointercancel", () => this.#forget());
    // A drag that began on a box is no click on it.
    paper.addEventListener("click", (event) => this.#swallow(event), { capture: true });
  }

  get on() {
    return this.#on;
  }

  set on(on) {
    this.#on = on;
    this.#corner = null;
    this.paper.classList.toggle("drawing", on);
  }

  #down(event) {
    this.dragged = false;
    if (event.button !== 0 || (event.pointerType !== "mouse" && !this.#on)) return;
    this.#from = this.#point(event);
    if (this.#on) event.preventDefault();
  }

  #move(event) {
    if (!this.#from) return;
    const to = this.#point(event);
    if (!this.#outline && !this.#isFar(this.#from, to)) return;
    if (!this.#outline) {
      this.#outline = make("span", { class: "outline", "aria-hidden": "true" });
      this.paper.append(this.#outline);
      this.paper.setPointerCapture(event.pointerId);
    }
    const { left, top, right, bottom } = between(this.#from, to);
    Object.assign(this.#outline.style, {
      left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%`,
    });
  }

  #up(event) {
    if (!this.#from) return;
    const from = this.#from;
    const to = this.#point(event);
    this.dragged = this.#outline !== null;
    this.#forget();
    if (this.dragged) this.#finish(from, to);
    else if (this.#on && !event.target.closest("button")) this.#click(to);
  }

  #click(point) {
    if (this.#corner === null) {
      this.#corner = point;
      tell(say("secondCorner"));
    } else {
      const first = this.#corner;
      this.#corner = null;
      this.#finish(first, point);
    }
  }

  #finish(from, to) {
    const area = between(from, to);
    if (area.right > area.left && area.bottom > area.top) this.done(area);
  }

  #forget() {
    this.#from = null;
    this.#outline?.remove();
    this.#outline = null;
  }

  #swallow(event) {
    if (!this.dragged) return;
    this.dragged = false;
    event.stopPropagation();
    event.preventDefault();
  }

  #point(event) {
    const frame = this.paper.getBoundingClientRect();
    const share = (value, size) => Math.min(Math.max(Math.round((value / size) * 1e4) / 1e4, 0), 1);
    return { x: share(event.clientX - frame.left, frame.width), y: share(event.clientY - frame.top, frame.height) };
  }

  #isFar(from, to) {
    const { width, height } = this.paper.getBoundingClientRect();
    return Math.hypot((to.x - from.x) * width, (to.y - from.y) * height) >= LEAST_PIXELS;
  }
}

const between = (a, b) => ({
  left: Math.min(a.x, b.x),
  top: Math.min(a.y, b.y),
  right: Math.max(a.x, b.x),
  bottom: Math.max(a.y, b.y),
});
