// The pages of a document as pairs of pictures: as it came, with what goes drawn over it as buttons, and as it would go.

import * as api from "./asking.js";
import { keyOf } from "./changes.js";
import { Drawing } from "./drawing.js";
import { make, tell } from "./elements.js";
import { labelOf, stateOf } from "./passages.js";
import { say } from "./words.js";

const AT_ONCE = 2;
const STEP = 0.01;

/** Put an element where a box of a page is; by its style object, which the page's policy allows. */
export function position(element, { left, top, right, bottom }) {
  element.style.left = `${left * 100}%`;
  element.style.top = `${top * 100}%`;
  element.style.width = `${(right - left) * 100}%`;
  element.style.height = `${(bottom - top) * 100}%`;
}

/** All pages of one document; `close` forgets its pictures. */
export class Pages {
  constructor({ id, view, recipient, changes, passages }) {
    Object.assign(this, { id, view, recipient, changes, passages, number: view.number });
    this.urls = [];
    this.waiting = [];
    this.loading = 0;
    this.closed = false;
    this.observer = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: "600px" });
    this.sheets = Array.from({ length: view.pages }, (_, index) => this.#sheet(index + 1));
    this.elements = this.sheets.map(({ element }) => element);
    this.refresh();
  }

  close() {
    this.closed = true;
    this.observer.disconnect();
    this.urls.forEach((url) => URL.revokeObjectURL(url));
  }

  #sheet(page) {
    const before = make("div", { class: "paper before" });
    const after = make("div", { class: "paper after" });
    const sheet = { page, before, after, boxes: [] };
    const drawing = new Drawing(before, (area) => this.#addArea(sheet, area));
    const draw = make("button", { type: "button", "aria-pressed": "false" }, say("draw", { page }));
    draw.addEventListener("click", () => {
      drawing.on = !drawing.on;
      draw.setAttribute("aria-pressed", String(drawing.on));
      if (drawing.on) tell(say("drawing"));
    });
    sheet.place = make("button", { type: "button", onclick: () => this.#placeArea(sheet) }, say("place", { page }));
    const texts = this.passages.elements.filter((_, index) => this.view.passages[index].page === page);
    sheet.element = make(
      "section",
      { class: "page", "aria-labelledby": `page-${page}` },
      make("h2", { id: `page-${page}` }, say("page", { page })),
      make("div", { class: "row" }, draw, sheet.place),
      make("div", { class: "pair" }, framed(say("before"), before), framed(say("after"), after)),
      texts.length > 0 && make("details", { class: "page-text" }, make("summary", {}, say("pageText", { page })), texts),
    );
    for (const side of ["before", "after"]) {
      sheet[side].sheet = { page, side };
      this.observer.observe(sheet[side]);
    }
    this.#boxes(sheet);
    return sheet;
  }

  #seen(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.observer.unobserve(target);
      this.waiting.push(target);
    }
    this.#load();
  }

  // Two at once: the service makes these pictures for this one reader, and others wait for it too.
  #load() {
    while (this.loading < AT_ONCE && this.waiting.length > 0) {
      this.loading += 1;
      this.#picture(this.waiting.shift()).finally(() => {
        this.loading -= 1;
        if (!this.closed) this.#load();
      });
    }
  }

  async #picture(paper) {
    const { page, side } = paper.sheet;
    paper.querySelector(".failed")?.remove();
    paper.classList.add("busy");
    try {
      // Asked for in the same words as the document, since the service keeps what it made for those.
      const url = await api.picture(this.id, this.number, page, side, this.recipient);
      if (this.closed) return URL.revokeObjectURL(url);
      this.urls.push(url);
      paper.prepend(make("img", { src: url, alt: say(`${side}Of`, { page }), draggable: "false" }));
      paper.classList.add("loaded");
    } catch {
      paper.prepend(this.#failure(paper, page));
    } finally {
      paper.classList.remove("busy");
    }
  }

  #failure(paper, page) {
    const again = make("button", { type: "button", onclick: () => this.waiting.push(paper) && this.#load() }, say("again"));
    return make("p", { class: "failed" }, `${say("pageFailed", { page })} `, again);
  }

  // One box for each line on which a finding stands; only the first is a stop for the keyboard.
  #boxes(sheet) {
    for (const finding of this.view.findings) {
      const text = this.passages.textOf(finding);
      finding.boxes.filter(({ page }) => page === sheet.page).forEach((area, index) => {
        const box = make("button", {
          type: "button",
          class: "box",
          tabindex: index === 0 ? "0" : "-1",
          "aria-hidden": index === 0 ? null : "true",
          "data-key": index === 0 ? keyOf(finding) : null,
          "data-doubt": !finding.certain,
          onclick: () => this.passages.press(finding),
        });
        position(box, area);
        sheet.before.append(box);
        const shadow = make("span", { class: "shadow", "aria-hidden": "true" });
        position(shadow, area);
        sheet.after.append(shadow);
        sheet.boxes.push({ box, shadow, finding, text });
      });
    }
  }

  /** Bring every box up to date with the changes. */
  refresh() {
    for (const sheet of this.sheets) {
      for (const { box, shadow, finding, text } of sheet.boxes) {
        const state = stateOf(finding, this.changes, this.number);
        const label = labelOf(finding, text, state);
        box.dataset.state = shadow.dataset.state = state;
        box.setAttribute("aria-label", label);
        box.title = label;
        if (state === "fixed") box.setAttribute("aria-disabled", "true");
      }
      this.#areas(sheet);
    }
  }

  #areas(sheet) {
    const focused = document.activeElement?.dataset?.area;
    sheet.element.querySelectorAll(".area").forEach((each) => each.remove());
    for (const area of this.changes.areas(this.number).filter(({ page }) => page === sheet.page)) {
      const own = this.#area(sheet, area);
      const painted = make("span", { class: "area painted", "aria-hidden": "true" });
      position(painted, area);
      sheet.before.append(own);
      sheet.after.append(painted);
      if (focused === area.id) own.focus();
    }
  }

  #area(sheet, area) {
    const label = `${areaLabel(area)}. ${say("areaKeys")}`;
    const remove = () => {
      this.changes.removeArea(this.number, area.id);
      tell(say("areaGone"));
      sheet.place.focus();
    };
    const own = make("button", {
      type: "button",
      class: "area",
      "aria-label": label,
      title: label,
      "data-area": area.id,
      onclick: remove,
      onkeydown: (event) => {
        if (event.key === "Delete" || event.key === "Backspace") return event.preventDefault() ?? remove();
        const moved = movedBy(event, area);
        if (!moved) return undefined;
        event.preventDefault();
        this.changes.moveArea(this.number, area.id, moved);
        return tell(areaLabel(moved));
      },
    });
    position(own, area);
    return own;
  }

  #placeArea(sheet) {
    const area = this.#addArea(sheet, { left: 0.3, top: 0.47, right: 0.7, bottom: 0.53 });
    sheet.before.querySelector(`[data-area="${area.id}"]`).focus();
  }

  #addArea(sheet, area) {
    const made = this.changes.addArea(this.number, { ...area, page: sheet.page });
    tell(say("areaAdded", { page: sheet.page }));
    return made;
  }
}

const framed = (caption, paper) => make("figure", {}, make("figcaption", {}, caption), paper);

const percent = (share) => Math.round(share * 100);

const areaLabel = ({ page, left, top, right, bottom }) =>
  say("area", {
    page,
    left: percent(left),
    top: percent(top),
    width: percent(right - left),
    height: percent(bottom - top),
  });

const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** Give where an area is after an arrow key: moved, or with Shift made larger or smaller; null for any other key. */
export function movedBy({ key, shiftKey }, area) {
  if (!(key in ARROWS)) return null;
  const [x, y] = ARROWS[key];
  if (shiftKey) {
    const right = within(area.right + x, area.left + STEP, 1);
    return { ...area, right, bottom: within(area.bottom + y, area.top + STEP, 1) };
  }
  const across = within(x, -area.left, 1 - area.right);
  const down = within(y, -area.top, 1 - area.bottom);
  return {
    ...area,
    left: rounded(area.left + across),
    right: rounded(area.right + across),
    top: rounded(area.top + down),
    bottom: rounded(area.bottom + down),
  };
}

const rounded = (share) => Math.round(share * 1e4) / 1e4;
const within = (value, least, most) => rounded(Math.min(Math.max(value, least), most));
