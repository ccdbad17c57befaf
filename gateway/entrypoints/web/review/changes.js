// What the officer changes in the documents of one package, until it goes along with a release. Kept in memory only.

import { called, say } from "./words.js";

export const keyOf = ({ passage, start, end }) => `${passage}:${start}:${end}`;
const place = ({ passage, start, end }) => ({ passage, start, end });

/** The changes of one package, by document. Every change is told as an event "change" with its document. */
export class Changes extends EventTarget {
  #documents = new Map();
  #areas = 0;

  #of(number) {
    if (!this.#documents.has(number)) {
      this.#documents.set(number, { seen: "", lifted: new Map(), added: new Map(), areas: new Map() });
    }
    return this.#documents.get(number);
  }

  /** Remember what was looked at. Of a document that reads otherwise now, the changes mean nothing any more. */
  see(number, seen) {
    const held = this.#of(number);
    if (held.seen && held.seen !== seen) this.#documents.delete(number);
    this.#of(number).seen = seen;
  }

  isLifted = (number, span) => this.#of(number).lifted.has(keyOf(span));
  isAdded = (number, span) => this.#of(number).added.has(keyOf(span));
  added = (number) => [...this.#of(number).added.values()];
  areas = (number) => [...this.#of(number).areas.values()];

  /** Let a finding stay, or go again. Give whether it stays now. */
  lift(number, finding, text) {
    return this.#toggle(number, this.#of(number).lifted, keyOf(finding), { ...place(finding), kind: finding.kind, text });
  }

  /** Let a text go, or stay again. Give whether it goes now. */
  add(number, span, text) {
    return this.#toggle(number, this.#of(number).added, keyOf(span), { ...place(span), text });
  }

  addArea(number, area) {
    const made = { ...area, id: `area-${++this.#areas}` };
    this.#of(number).areas.set(made.id, made);
    this.#tell(number);
    return made;
  }

  moveArea(number, id, area) {
    this.#of(number).areas.set(id, { ...area, id });
    this.#tell(number);
  }

  removeArea(number, id) {
    this.#of(number).areas.delete(id);
    this.#tell(number);
  }

  #toggle(number, held, key, value) {
    const there = held.delete(key);
    if (!there) held.set(key, value);
    this.#tell(number);
    return !there;
  }

  #tell(number) {
    this.dispatchEvent(new CustomEvent("change", { detail: number }));
  }

  /** List every change in words, each with how to undo it. */
  list() {
    return [...this.#documents].sort(([a], [b]) => a - b).flatMap(([number, held]) => [
      ...[...held.lifted].map(([key, { text, kind }]) => ({
        number,
        said: say("changeLifted", { text, kind: called("shared.kinds", kind) }),
        undo: () => held.lifted.delete(key) && this.#tell(number),
      })),
      ...[...held.added].map(([key, { text }]) => ({
        number,
        said: say("changeAdded", { text }),
        undo: () => held.added.delete(key) && this.#tell(number),
      })),
      ...[...held.areas.values()].map(({ id, page }) => ({
        number,
        said: say("changeArea", { page }),
        undo: () => this.removeArea(number, id),
      })),
    ]);
  }

  /** Give the changes as the API takes them. */
  edits() {
    return [...this.#documents]
      .filter(([, held]) => held.lifted.size + held.added.size + held.areas.size > 0)
      .map(([number, held]) => ({
        document: number,
        seen: held.seen,
        lifted: [...held.lifted.values()].map(place),
        added: [...held.added.values()].map(place),
        areas: [...held.areas.values()].map(({ page, left, top, right, bottom }) => ({ page, left, top, right, bottom })),
      }));
  }
}
