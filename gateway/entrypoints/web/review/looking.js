// One document: its pages or its passages, the doubtful places one by one, and the tools to let more go.

import * as api from "./asking.js";
import { byId, fill, make, tell } from "./elements.js";
import { Pages } from "./pages.js";
import { Passages } from "./passages.js";
import { count, say } from "./words.js";

/** What is on the screen of one document, until it is closed. */
export class Looking {
  static async open({ id, number, recipient, changes, kind }) {
    const view = await api.heldDocument(id, number, recipient);
    changes.see(number, view.seen);
    return new Looking({ id, view, recipient, changes, kind });
  }

  constructor({ id, view, recipient, changes, kind }) {
    Object.assign(this, { view, changes, number: view.number, at: -1 });
    this.passages = new Passages({ number: view.number, view, changes });
    this.pages = view.pages > 0 ? new Pages({ id, view, recipient, changes, passages: this.passages }) : null;
    this.listener = ({ detail }) => detail === this.number && this.refresh();
    changes.addEventListener("change", this.listener);
    this.#show(kind);
  }

  close() {
    this.changes.removeEventListener("change", this.listener);
    this.pages?.close();
    fill(byId("content"));
  }

  refresh() {
    this.passages.drawAll();
    this.pages?.refresh();
  }

  #show(kind) {
    const { findings, pictures } = this.view;
    const doubts = findings.filter(({ certain }) => !certain).length;
    byId("document-title").textContent = say("documentNumber", { n: this.number, kind });
    byId("document-count").textContent = findings.length === 0 ? say("noFindings") : count("found", findings.length, { doubts });
    byId("document-pictures").hidden = pictures === 0;
    byId("document-pictures").textContent = pictures === 0 ? "" : count("pictures", pictures);
    byId("large").hidden = this.pages === null;
    byId("search").value = "";
    byId("doubt-count").textContent = doubts === 0 ? say("doubtsNone") : "";
    byId("doubt-before").disabled = byId("doubt-after").disabled = doubts === 0;
    const loose = this.passages.elements.filter((_, index) => !this.#isOnAPage(index));
    const text = make("div", { class: "sheet-of-text" }, loose);
    fill(byId("content"), this.pages?.elements ?? [], loose.length > 0 ? text : []);
  }

  #isOnAPage = (index) => this.pages !== null && this.view.passages[index].page >= 1 && this.view.passages[index].page <= this.view.pages;

  /** Go to the next doubtful place (1) or the one before it (-1): on its page if it has a box there, else in the text. */
  step(by) {
    const places = this.#doubts();
    if (places.length === 0) return tell(say("doubtsNone"));
    const here = places.indexOf(document.activeElement);
    if (here >= 0) this.at = here;
    else if (this.at < 0 && by < 0) this.at = 0;
    this.at = (this.at + by + places.length) % places.length;
    const place = places[this.at];
    place.closest("details")?.setAttribute("open", "");
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center" });
    byId("doubt-count").textContent = say("doubtOf", { n: this.at + 1, all: places.length });
    return undefined;
  }

  // Where there are pages, a finding with a box on one is looked at there and not again in the text.
  #doubts() {
    const boxes = [...byId("content").querySelectorAll(".box[data-doubt][data-key]")];
    const keys = new Set(boxes.map(({ dataset }) => dataset.key));
    const marks = [...byId("content").querySelectorAll(".mark[data-doubt][data-key]")];
    const all = [...boxes, ...marks.filter(({ dataset }) => !keys.has(dataset.key))];
    return all.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  }

  addSelection() {
    const span = this.passages.selected();
    if (typeof span === "string") return tell(say(span));
    getSelection().removeAllRanges();
    byId("search").value = this.passages.textOf(span);
    return this.passages.goes(span) ? tell(say("goesAlready")) : this.passages.toggle(span);
  }

  /** Let a text go wherever it stands; what was lifted there stays lifted by its own mark. */
  search(wanted) {
    const found = this.passages.find(wanted);
    const places = found.filter((span) => !this.passages.goes(span));
    for (const span of places) this.changes.add(this.number, span, this.passages.textOf(span));
    if (places.length > 0) tell(count("searched", places.length));
    else tell(say(found.length > 0 ? "searchedAlready" : "searchNone"));
  }
}
