// The page: who looks, what is shown, and the way between what waits, a package, a document and the decision.

import * as api from "./asking.js";
import { Changes } from "./changes.js";
import * as deciding from "./deciding.js";
import { byId, fill, make, tell } from "./elements.js";
import { showHold, showHolds } from "./holding.js";
import { Looking } from "./looking.js";
import { count, say } from "./words.js";

const VIEWS = ["login", "list", "hold", "document", "done"];
const BESIDE = { hold: ["changes", "decide"], document: ["changes"] };

const state = { view: "login", after: "list", cursor: "", hold: null, documents: [], recipients: [], changes: null, opened: new Set(), looking: null };

/** Show one view and nothing else, and bring the reader to its title. */
function show(view, { remember = true } = {}) {
  // The address never changes, so that nothing of a package stands in the browser's history; only the view's name.
  if (remember && view !== "login" && view !== state.view) history.pushState({ view }, "");
  state.view = view;
  for (const each of VIEWS) byId(each).hidden = each !== view;
  for (const each of ["changes", "decide"]) byId(each).hidden = !(BESIDE[view] ?? []).includes(each);
  document.body.dataset.view = view;
  byId("leave").hidden = view === "login";
  // Who has to log in again in the midst of the work comes back to it.
  if (view !== "document" && view !== "login") closeDocument();
  byId("problem").hidden = true;
  byId("status").textContent = "";
  byId(`${view}-title`).focus();
  scrollTo(0, 0);
}

function closeDocument() {
  state.looking?.close();
  state.looking = null;
}

/** Do something that asks the API; show what is wrong in its own words. */
async function attempt(work) {
  byId("problem").hidden = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof api.Problem)) throw problem;
    explain(problem);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

function explain({ status, body }) {
  if (status === 401) {
    if (state.view !== "login") state.after = state.view;
    show("login", { remember: false });
  }
  const title = status === 401 ? say("tokenLapsed") : body.detail ?? body.title;
  fill(
    byId("problem"),
    make("p", {}, make("strong", {}, title)),
    (body.errors ?? []).length > 0
      ? make("ul", {}, body.errors.map(({ where, expected }) => make("li", {}, make("code", {}, where), `: ${expected}`)))
      : [],
    status !== 401 ? make("p", {}, body.remedy) : state.hold ? make("p", {}, say("changesKept")) : [],
    body.code ? make("p", { class: "hint" }, `${say("code")}: `, make("code", {}, body.code)) : [],
  );
  byId("problem").hidden = false;
  byId("problem").focus();
  byId("problem").scrollIntoView({ block: "center" });
}

async function list({ more = false, remember = true } = {}) {
  tell(say("wait"));
  const page = await api.holds(more ? state.cursor : "");
  state.cursor = page.cursor;
  showHolds(page, { more, open: (id) => attempt(() => openHold(id)) });
  if (!more) show("list", { remember });
  tell(byId("list-count").textContent);
}

async function openHold(id) {
  const hold = await api.hold(id);
  if (state.hold?.id !== id) {
    state.changes = new Changes();
    state.changes.addEventListener("change", drawChanges);
    state.opened = new Set();
  }
  state.hold = hold;
  deciding.prepare(hold);
  await drawHold();
  drawChanges();
  show("hold");
}

async function drawHold() {
  const openDocument = (number) => attempt(() => lookAt(number));
  const { decision, documents } = await showHold(state.hold, { opened: state.opened, openDocument });
  state.documents = documents;
  state.recipients = decision?.recipients ?? [];
}

async function lookAt(number, recipient = "") {
  tell(say("wait"));
  const { id } = state.hold;
  const kind = state.documents.find((each) => each.number === number)?.kind ?? "";
  const looking = await Looking.open({ id, number, recipient, changes: state.changes, kind });
  closeDocument();
  state.looking = looking;
  state.opened.add(number);
  drawRecipients(looking.view.recipient);
  show("document");
}

function drawRecipients(shown) {
  byId("document-recipient").hidden = state.recipients.length < 2;
  const options = state.recipients.map(({ id, name }) => make("option", { value: id, selected: id === shown }, name));
  fill(byId("recipient"), options);
}

function drawChanges() {
  const changes = state.changes.list();
  byId("changes-count").textContent = byId("changes-jump").textContent = count("changes", changes.length);
  fill(byId("changes-list"), changes.map(({ number, said, undo }) => {
    const takeBack = () => {
      undo();
      tell(say("undone"));
      byId("changes-title").focus();
    };
    const button = make("button", { type: "button", class: "quiet", "aria-label": `${say("undo")}: ${said}`, onclick: takeBack }, say("undo"));
    return make("li", {}, make("span", {}, `${say("inDocument", { n: number })}. ${said}`), button);
  }));
}

async function decide() {
  const { hold, changes } = state;
  const said = deciding.read(hold);
  if (!said) return;
  const edits = changes.edits();
  const unseen = state.documents.filter(({ number }) => !state.opened.has(number));
  const meant = await deciding.isMeant(said, {
    recipients: hold.recipients.map(({ id }) => id).join(", "),
    changes: changes.list().length,
    notOpened: unseen.map(({ number, kind }) => say("documentNumber", { n: number, kind })).join(", "),
  });
  if (!meant) return;
  await api.review(hold.id, said.verdict === "release" && edits.length > 0 ? { ...said, edits } : said);
  forgetHold();
  show("done");
  await follow(hold.id);
}

async function follow(id) {
  state.following = id;
  await deciding.follow(id, () => state.view === "done" && state.following === id);
}

function forgetHold() {
  Object.assign(state, { hold: null, changes: null, documents: [], recipients: [], opened: new Set() });
  for (const id of ["hold-facts", "hold-why", "hold-necessity", "hold-documents", "changes-list"]) fill(byId(id));
  byId("decide-form").reset();
}

/** Forget everything: who looked, and what was seen. A new load of the page is the surest way. */
function leave() {
  api.setToken("");
  state.changes = null;
  location.reload();
}

async function back(view, { remember = true } = {}) {
  if (view === "list" || !state.hold) return list({ remember });
  await drawHold();
  return show("hold", { remember });
}

async function logIn() {
  api.setToken(byId("token").value.trim());
  byId("token").value = "";
  const { after } = state;
  state.after = "list";
  if (after === "list" || !state.hold) return list();
  // A token that ended meanwhile costs nothing of the work: one that is not valid either comes back here.
  await api.hold(state.hold.id);
  return show(after);
}

const on = (id, event, work) =>
  byId(id).addEventListener(event, (happened) => {
    if (event === "submit") happened.preventDefault();
    attempt(async () => work(happened));
  });

on("login-form", "submit", logIn);
on("refresh", "click", () => list());
on("more", "click", () => list({ more: true }));
on("leave", "click", leave);
on("decide-form", "submit", decide);
// Nothing is asked here, and what was told stays: were it hidden now, the button would move away under the click that
// ends the typing.
byId("decide-form").addEventListener("change", ({ target }) => {
  if (target.name === "verdict") deciding.offer(state.hold);
});
on("done-again", "click", () => follow(state.following));
on("recipient", "change", ({ target }) => lookAt(state.looking.number, target.value));
on("doubt-before", "click", () => state.looking.step(-1));
on("doubt-after", "click", () => state.looking.step(1));
on("add-selection", "click", () => state.looking.addSelection());
on("search-form", "submit", () => state.looking.search(byId("search").value));
on("large", "click", ({ currentTarget }) => {
  const large = byId("content").classList.toggle("large");
  byId("large").setAttribute("aria-pressed", String(large));
});
for (const button of document.querySelectorAll(".back")) {
  button.addEventListener("click", () => attempt(() => back(button.dataset.to)));
}
// The button must not take the selection away before it is read.
byId("add-selection").addEventListener("pointerdown", (event) => event.preventDefault());

document.addEventListener("keydown", (event) => {
  if (event.key !== "F8" || !state.looking) return;
  event.preventDefault();
  state.looking.step(event.shiftKey ? -1 : 1);
});

addEventListener("popstate", ({ state: kept }) => {
  if (state.view !== "login") attempt(() => back(kept?.view ?? "list", { remember: false }));
});

// Work that was not sent yet is not lost by one wrong key.
addEventListener("beforeunload", (event) => {
  if (state.changes?.list().length > 0) event.preventDefault();
});

// Without one of its own a page makes browsers ask for /favicon.ico, which its policy refuses.
const square = new Blob(['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#154273" d="M0 0h8v8H0z"/><path fill="#fff" d="M2 1h1v6H2zM5 1h1v6H5z"/></svg>'], { type: "image/svg+xml" });
document.head.append(make("link", { rel: "icon", href: URL.createObjectURL(square) }));
