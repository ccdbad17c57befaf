// The page on which a recipient types the code: fetches the ciphertext in pieces, decrypts, saves, and says so.
// Nothing is kept in the browser; the secret stays behind the `#` of the address, which no browser sends.
import { DamagedError, Opening, derive, secretOf } from "./opening.js";

const TRIES = 5;
const PAUSE_MS = 500;
const find = (id) => document.getElementById(id);
const words = JSON.parse(find("words").textContent);
const form = JSON.parse(find("code-form").textContent);
const parcel = location.pathname.split("/")[2] ?? "";
const ENDINGS = new Set(["locked", "expired", "collected", "recalled", "unknown"]);

class AnsweredError extends Error {
  constructor(status, body) {
    super(body.code);
    this.status = status;
    this.code = body.code;
    this.left = body.left;
  }
}

const say = (key, places = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => places[name]);
// The download's own number: its receipt, sent again since no answer came, counts once.
const number = Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join("");
const fetching = { secret: null, access: "", opening: null, about: null, url: "" };

function show(id, shown = true) {
  find(id).hidden = !shown;
}

function status(sentence) {
  find("status").textContent = sentence;
}

function problem(sentence) {
  find("problem").textContent = sentence;
  show("problem", sentence !== "");
}

async function ask(path, options = {}) {
  const headers = { ...options.headers, Authorization: `Sluis ${fetching.access}` };
  const answer = await fetch(`/parcels/${parcel}/${path}`, { ...options, headers, cache: "no-store" });
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw new AnsweredError(answer.status, body);
}

/** Ask again after a while when nobody answers; an answer is an answer. */
async function patiently(path, options) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await ask(path, options);
      return new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      if ((error instanceof AnsweredError && error.status < 500) || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
    }
  }
}

async function enter(code) {
  status(words.checking);
  const derived = await derive(fetching.secret, code, parcel);
  fetching.access = derived.access;
  const answer = await ask("entry", { method: "POST" });
  fetching.about = await answer.json();
  fetching.opening = new Opening(derived.content, fetching.about.size);
}

async function download() {
  const opening = fetching.opening;
  while (!opening.isDone) {
    const [first, last] = opening.next();
    const bytes = await patiently("content", { headers: { Range: `bytes=${first}-${last}` } });
    await opening.take(bytes);
    const percent = Math.floor((opening.offset / opening.size) * 100);
    find("progress").value = percent;
    // A screen reader is told now and then, not at every piece.
    if (percent % 10 === 0) status(say("fetching", { percent }));
  }
}

function save() {
  const file = new Blob(fetching.opening.parts, { type: "application/zip" });
  fetching.url = URL.createObjectURL(file);
  const link = find("save");
  link.href = fetching.url;
  link.download = fetching.about.fileName;
  link.click();
}

async function confirm() {
  const left = JSON.parse(new TextDecoder().decode(await patiently("receipt", { method: "POST", headers: { "Sluis-Download": number } }))).left;
  // The day as everywhere in the house: day first in Dutch, ISO 8601 in English.
  const [year, month, date] = fetching.about.until.slice(0, 10).split("-");
  const day = document.documentElement.lang === "nl" ? `${date}-${month}-${year}` : `${year}-${month}-${date}`;
  find("done-left").textContent = left > 0 ? say("left", { left, day }) : words.leftNone;
}

async function goOn() {
  problem("");
  show("continue", false);
  show("form", false);
  show("fetching");
  await download();
  show("fetching", false);
  if (fetching.url === "") save();
  find("done-text").textContent = say("done", { name: fetching.about.fileName });
  show("done");
  status("");
  find("done-title").focus();
  await confirm();
}

/** Say what went wrong, and leave the button or field with which one can go on. */
function fail(error) {
  status("");
  show("fetching", false);
  if (error instanceof DamagedError) {
    problem(error.cut ? words.cutOff : words.damaged);
    show("continue");
  } else if (error instanceof AnsweredError && error.code === "wrong-code") {
    problem(error.left === 1 ? words.wrongCodeLast : say("wrongCode", { left: error.left }));
    find("code").setAttribute("aria-invalid", "true");
    find("code").focus();
  } else if (error instanceof AnsweredError && ENDINGS.has(error.code)) {
    problem(words[error.code]);
    show("form", false);
  } else if (error instanceof AnsweredError && error.status === 429) {
    problem(words.tooMany);
  } else {
    problem(fetching.url === "" ? words.noAnswer : words.notConfirmed);
    show("continue", fetching.opening !== null);
  }
  if (!find("continue").hidden) find("continue").focus();
}

async function busily(work) {
  const button = find("form").querySelector("button");
  button.disabled = true;
  problem("");
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    button.disabled = false;
  }
}

async function start() {
  fetching.secret = await secretOf(location.hash.slice(1));
  find("other").href = `/${find("other").hreflang}/${parcel}${location.hash}`;
  if (fetching.secret === null) {
    problem(words.linkIncomplete);
    show("form", false);
  }
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = find("code").value.toUpperCase().replace(/[\s\u2010-\u2015-]/g, "");
  find("code").removeAttribute("aria-invalid");
  if (code.length !== form.characters || ![...code].every((each) => form.alphabet.includes(each))) {
    problem(say("codeShape", { characters: form.characters }));
    find("code").setAttribute("aria-invalid", "true");
    find("code").focus();
    return;
  }
  busily(async () => {
    await enter(code);
    await goOn();
  });
});
find("continue").addEventListener("click", () => busily(goOn));
window.addEventListener("hashchange", () => location.reload());
start();
