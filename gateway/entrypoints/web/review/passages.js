// The texts of a document with what was found in them as marks. Places count code points, as the API does; never the
// 16-bit units that this language counts in.

import { keyOf } from "./changes.js";
import { make, tell } from "./elements.js";
import { called, count, say } from "./words.js";

/** Say how it stands with a finding: fixed, goes, lifted, stays or added. */
export function stateOf(finding, changes, number) {
  if (!finding.goes) return changes.isAdded(number, finding) ? "added" : "stays";
  if (!finding.liftable) return "fixed";
  return changes.isLifted(number, finding) ? "lifted" : "goes";
}

const STATES = { fixed: "fixed", goes: "willGo", lifted: "lifted", stays: "willStay", added: "added" };

/** Say in words what a mark is, whose, and what becomes of it. */
export function labelOf(finding, text, state) {
  const parts = [`${text}:`, called("shared.kinds", finding.kind), `${called("shared.whose", finding.whose)}.`, `${say(STATES[state])}.`];
  if (!finding.certain) parts.push(`${say("doubt")}.`);
  return parts.join(" ");
}

/** The passages of one document; each is drawn anew when something in it changes. */
export class Passages {
  constructor({ number, view, changes }) {
    this.number = number;
    this.changes = changes;
    this.texts = view.passages.map(({ text }) => Array.from(text));
    this.findings = view.findings;
    this.elements = view.passages.map((_, index) => make("p", { class: "passage", "data-passage": index }));
    this.elements.forEach((_, index) => this.draw(index));
  }

  textOf({ passage, start, end }) {
    return this.texts[passage].slice(start, end).join("");
  }

  /** Let a finding stay or go, and say which; what is fixed only says why. */
  press(finding) {
    const text = this.textOf(finding);
    if (!finding.goes) this.toggle(finding);
    else if (finding.liftable) tell(say(this.changes.lift(this.number, finding, text) ? "isLifted" : "isPutBack", { text }));
    else tell(`${text}: ${say("fixedWhy")}`);
  }

  /** Let a text go or stay, and say which. What goes in one place and stands in another holds the package again. */
  toggle(span) {
    const text = this.textOf(span);
    if (!this.changes.add(this.number, span, text)) return tell(say("isTakenBack", { text }));
    const others = this.find(text).filter((each) => !this.goes(each)).length;
    return tell([say("isAdded", { text }), others > 0 && count("elsewhere", others)].filter(Boolean).join(" "));
  }

  /** Tell whether a place goes out as things are. */
  goes(span) {
    const holds = (each) => each.passage === span.passage && each.start <= span.start && span.end <= each.end;
    const found = (each) => each.goes && !this.changes.isLifted(this.number, each) && holds(each);
    return this.findings.some(found) || this.changes.added(this.number).some(holds);
  }

  /** Draw everything again, and give the focus back to the mark that had it. */
  drawAll() {
    this.elements.forEach((_, index) => this.draw(index));
  }

  draw(index) {
    const focused = document.activeElement?.closest?.(".passage") === this.elements[index];
    const key = focused ? document.activeElement.dataset.key : null;
    const covers = this.#covers(index);
    const edges = [0, this.texts[index].length, ...covers.flatMap(({ span }) => [span.start, span.end])];
    const cuts = [...new Set(edges)].sort((a, b) => a - b);
    const drawn = new Set();
    const pieces = cuts.slice(1).map((end, at) => this.#piece(index, cuts[at], end, covers, drawn));
    this.elements[index].replaceChildren(...pieces);
    if (key) this.elements[index].querySelector(`[data-key="${key}"]`)?.focus();
  }

  // What the officer added lies over what was found: pressing it takes it away again.
  #covers(index) {
    const own = new Set(this.findings.map(keyOf));
    const added = this.changes
      .added(this.number)
      .filter((span) => span.passage === index && !own.has(keyOf(span)))
      .map((span) => ({ span, added: true }));
    const found = this.findings.filter(({ passage }) => passage === index).map((span) => ({ span, added: false }));
    return [...added, ...found];
  }

  #piece(index, start, end, covers, drawn) {
    const text = this.texts[index].slice(start, end).join("");
    const cover = covers.find(({ span }) => span.start <= start && end <= span.end);
    if (!cover) return text;
    const { span, added } = cover;
    const whole = this.textOf(span);
    const state = added ? "added" : stateOf(span, this.changes, this.number);
    const label = added ? `${whole}: ${say("ownText")}. ${say("added")}.` : labelOf(span, whole, state);
    const first = !drawn.has(span);
    drawn.add(span);
    const act = () => (added ? this.toggle(span) : this.press(span));
    return make(
      "span",
      {
        class: "mark",
        role: "button",
        tabindex: first ? "0" : "-1",
        "aria-hidden": first ? null : "true",
        "aria-label": label,
        "aria-disabled": state === "fixed" ? "true" : null,
        title: label,
        "data-key": first ? keyOf(span) : null,
        "data-state": state,
        "data-doubt": !added && !span.certain,
        // Whoever selects presses nothing, and a double click, which selects a word, presses twice.
        onclick: ({ detail }) => (detail === 2 || getSelection().isCollapsed) && act(),
        onkeydown: (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          act();
        },
      },
      text,
    );
  }

  /** Give the selected place: a span, or the word that says what is wrong with the selection. */
  selected() {
    const selection = getSelection();
    if (selection.isCollapsed || selection.rangeCount === 0) return "selectionNone";
    const range = selection.getRangeAt(0);
    const index = this.elements.findIndex((each) => each.contains(range.startContainer));
    if (index < 0) return "selectionNone";
    const element = this.elements[index];
    // A triple click ends at the begin of the next paragraph: nothing of that one is selected.
    if (!element.contains(range.endContainer) && range.endOffset > 0) return "selectionTwo";
    const before = document.createRange();
    before.setStart(element, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const start = Array.from(before.toString()).length;
    const length = Array.from(range.toString()).length;
    const end = Math.min(start + length, this.texts[index].length);
    return this.#trimmed({ passage: index, start, end }) ?? "selectionNone";
  }

  #trimmed({ passage, start, end }) {
    const blank = (at) => /\s/u.test(this.texts[passage][at]);
    while (start < end && blank(start)) start += 1;
    while (start < end && blank(end - 1)) end -= 1;
    return start < end ? { passage, start, end } : null;
  }

  /** Find a text everywhere, whatever its capitals and spaces; give the places. */
  find(wanted) {
    const needle = Array.from(wanted.trim().replace(/\s+/gu, " ")).map(folded);
    if (needle.length === 0) return [];
    return this.texts.flatMap((text, passage) => {
      const found = [];
      for (let start = 0; start < text.length; start += 1) {
        const end = matched(text, start, needle);
        if (end !== null) {
          found.push({ passage, start, end });
          start = end - 1;
        }
      }
      return found;
    });
  }
}

const folded = (point) => (/\s/u.test(point) ? " " : point.toLowerCase());

// A space in what is looked for stands for any spaces and ends of lines.
function matched(text, start, needle) {
  let at = start;
  for (const point of needle) {
    if (at >= text.length || folded(text[at]) !== point) return null;
    at += 1;
    if (point === " ") while (at < text.length && folded(text[at]) === " ") at += 1;
  }
  return at;
}
