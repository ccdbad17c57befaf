// What waits, and one package of it: who, to whom, why, its necessity, and its documents.

import * as api from "./asking.js";
import { byId, facts, fill, make } from "./elements.js";
import { both, called, count, moment, say } from "./words.js";

// As slips name a package: the begin of an id is the time, and packages of one hour share it.
const shortId = (id) => id.slice(-8);

/** List why a package waits, each reason once: out of the decision, else out of its slip, else the code alone. */
async function reasonsOf(hold) {
  const decision = await api.decision(hold.id);
  const stopped = decision?.recipients.filter(({ outcome }) => outcome !== "cleared") ?? [];
  const found = new Map(stopped.flatMap(({ reasons }) => reasons).map((each) => [each.ruleId, each]));
  const said = [...found.values()].map((each) => (each.article ? `${both(each.reason)} (${each.article})` : both(each.reason)));
  const sentences = said.length > 0 ? said : await api.slipWhy(hold.id);
  return { decision, sentences: sentences.length > 0 ? sentences : [hold.code] };
}

const sentencesOf = (sentences) => make("ul", { class: "why" }, sentences.map((each) => make("li", {}, each)));

/** Show a page of holds; `open` is called with the one that is chosen. */
export function showHolds({ holds, cursor }, { more, open }) {
  const list = byId("holds");
  if (!more) fill(list);
  for (const hold of holds) {
    const why = make("div", {}, say("wait"));
    // The reasons come one by one, so that the list is there at once.
    reasonsOf(hold)
      .then(({ sentences }) => fill(why, sentencesOf(sentences)))
      .catch(() => fill(why, make("code", {}, hold.code)));
    list.append(card(hold, why, open));
  }
  const n = list.children.length;
  byId("list-count").textContent = n === 0 ? say("none") : count("waiting", n);
  byId("more").hidden = cursor === "";
}

function card(hold, why, open) {
  const button = make("button", { type: "button", class: "main", onclick: () => open(hold.id) }, say("look", { id: shortId(hold.id) }));
  return make(
    "li",
    { class: "card" },
    make("h2", {}, say("package", { id: shortId(hold.id) })),
    make("dl", { class: "facts" }, rows(hold)),
    hold.overdue && make("p", { class: "note" }, say(hold.overdue)),
    why,
    button,
  );
}

/** Name the recipients of a hold; by their id alone where no decision says how they are called. */
function recipientsOf(hold, decision) {
  const names = new Map(decision?.recipients.map(({ id, name }) => [id, name]) ?? []);
  return hold.recipients.map(({ id }) => (names.has(id) ? `${names.get(id)} (${id})` : id)).join(", ");
}

const rows = (hold, decision = null) =>
  facts([
    [say("sender"), hold.submitter],
    [say("recipient"), recipientsOf(hold, decision)],
    [say("purpose"), both(hold.purposeLabel)],
    [say("since"), moment(hold.heldSince)],
    [say("until"), moment(hold.expiresAt)],
    [say("number"), hold.id],
  ]);

/** Show one hold; `openDocument` is called with a document's number. Give its decision, null where none was made. */
export async function showHold(hold, { opened, openDocument }) {
  const { decision, sentences } = await reasonsOf(hold);
  byId("hold-title").textContent = say("package", { id: shortId(hold.id) });
  fill(byId("hold-facts"), rows(hold, decision), facts([[say("where"), placeOf(hold)]]));
  fill(byId("hold-why"), sentencesOf(sentences), make("p", {}, say(hold.releasable ? "releasable" : "notReleasable")), warnings(decision));
  byId("hold-necessity").textContent = hold.necessity || say("necessityNone");
  const documents = documentsOf(decision);
  const cards = documents.map((each) => documentCard(each, { seen: opened.has(each.number), openDocument }));
  fill(byId("hold-documents"), cards.length > 0 ? cards : make("li", {}, say("documentsNone")));
  fields(decision);
  return { decision, documents };
}

function placeOf({ whereSaid, kinds }) {
  const said = kinds.map((kind) => called("shared.kinds", kind)).join(", ");
  return said ? `${both(whereSaid)} (${said})` : both(whereSaid);
}

function warnings(decision) {
  const found = decision?.recipients.flatMap((each) => each.warnings.map((warning) => both(warning.reason))) ?? [];
  return found.length > 0 ? sentencesOf([...new Set(found)]) : [];
}

/** List the documents with what was decided for each recipient. */
function documentsOf(decision) {
  const found = new Map();
  for (const recipient of decision?.recipients ?? []) {
    for (const each of recipient.documents) {
      if (!found.has(each.number)) found.set(each.number, { number: each.number, kind: both(each.kindLabel), verdicts: [] });
      found.get(each.number).verdicts.push({ recipient, verdict: each });
    }
  }
  return [...found.values()];
}

function documentCard({ number, kind, verdicts }, { seen, openDocument }) {
  return make(
    "li",
    { class: "card" },
    make("h3", {}, say("documentNumber", { n: number, kind })),
    verdicts.map(({ recipient, verdict }) => [
      make("p", {}, make("strong", {}, `${recipient.name}: ${called("shared.verdicts", verdict.verdict)}. `), both(verdict.reason)),
      verdict.redacted.length > 0 && make("ul", { class: "counts" }, verdict.redacted.map(counted)),
    ]),
    seen && make("p", { class: "seen" }, say("opened")),
    make("button", { type: "button", class: "main", "data-document": number, onclick: () => openDocument(number) }, say("openDocument", { n: number })),
  );
}

function counted({ kind, whose, page, certain, count: n }) {
  const text = say(certain ? "counted" : "countedDoubt", { count: n, kind: `${called("shared.kinds", kind)} ${called("shared.whose", whose)}` });
  return make("li", {}, page ? `${say("page", { page })}: ${text}` : text);
}

function fields(decision) {
  const shown = decision?.recipients.filter((each) => each.fields.length > 0) ?? [];
  byId("hold-fields").hidden = shown.length === 0;
  fill(byId("hold-fields").querySelector("div"), shown.map(fieldList));
}

function fieldList({ name, fields: verdicts }) {
  return [
    make("h3", {}, name),
    make(
      "ul",
      { class: "fields" },
      verdicts.map(({ path, label, verdict, reason, article }) =>
        make("li", {}, both(label), both(label) !== path && [" ", make("code", {}, path)], make("strong", {}, ` ${called("shared.verdicts", verdict)}. `), both(reason), article && ` (${article})`),
      ),
    ),
  ].filter(Boolean);
}
