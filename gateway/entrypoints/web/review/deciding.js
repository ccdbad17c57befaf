// The decision: what is chosen, what is missing, one question to be sure, and what became of the package.

import * as api from "./asking.js";
import { byId, fill, make, tell } from "./elements.js";
import { called, count, reasonsFor, say } from "./words.js";

const MOVING = new Set(["received", "releasing"]);
const LOOKS = 60;
const PAUSE_MILLISECONDS = 1000;

const form = () => byId("decide-form");
const chosen = () => new FormData(form()).get("verdict");

/** Make the form fit a hold: nothing is chosen in advance. */
export function prepare(hold) {
  form().reset();
  const release = form().querySelector("[value=release]");
  release.disabled = !hold.releasable;
  byId("decide-mend").hidden = hold.releasable;
  byId("decide-mend").textContent = say("notReleasable");
  offer(hold);
}

/** Offer the reasons that fit what is chosen, and ask for the article of law where it is needed. */
export function offer(hold) {
  const verdict = chosen();
  const codes = reasonsFor(verdict);
  fill(
    byId("reason"),
    make("option", { value: "" }, say("chooseReason")),
    codes.map((code) => make("option", { value: code }, called("reasonCodes", code))),
  );
  byId("ground-field").hidden = !(hold.needsGround && verdict !== "refuse");
}

/** Give what was decided as the API takes it, or tell what is missing and give null. */
export function read(hold) {
  const verdict = chosen();
  const reasonCode = byId("reason").value;
  const text = byId("text").value.trim();
  const ground = byId("ground-field").hidden ? "" : byId("ground").value.trim();
  const missing = [
    [!verdict, "mustChoose", form().querySelector("[name=verdict]:enabled")],
    [!reasonCode, "mustReason", byId("reason")],
    [reasonCode === "other" && !text, "mustText", byId("text")],
    [verdict === "release" && hold.needsGround && !ground, "mustGround", byId("ground")],
  ];
  form().querySelectorAll(".missing").forEach((each) => each.remove());
  form().querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
  const faults = missing.filter(([is]) => is);
  for (const [, sentence, field] of faults) {
    field.setAttribute("aria-invalid", "true");
    (field.closest("fieldset") ?? field.closest(".field")).append(make("p", { class: "missing" }, say(sentence)));
  }
  if (faults.length > 0) {
    faults[0][2].focus();
    tell(faults.map(([, sentence]) => say(sentence)).join(" "));
    return null;
  }
  return { verdict, reasonCode, text, ground };
}

/** Ask once more, with what it means in words. Give whether it is meant. */
export function isMeant({ verdict }, { recipients, changes, notOpened }) {
  const releases = verdict === "release";
  byId("confirm-title").textContent = say(releases ? "confirmRelease" : "confirmRefuse");
  const lines = releases
    ? [say("releaseMeans", { recipients }), count("changesGo", changes)]
    : [say("refuseMeans"), changes > 0 && say("changesLost")];
  if (releases && notOpened) lines.push(say("notOpened", { documents: notOpened }));
  fill(byId("confirm-lines"), lines.filter(Boolean).map((line) => make("li", {}, line)));
  const dialog = byId("confirm");
  byId("status").textContent = "";
  dialog.returnValue = "";
  dialog.showModal();
  byId("confirm-no").focus();
  return new Promise((resolve) => {
    byId("confirm-yes").onclick = () => dialog.close("yes");
    byId("confirm-no").onclick = () => dialog.close("");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
  });
}

/** Follow a package until it stands still, for a minute; `isShown` tells whether anybody still looks. */
export async function follow(id, isShown) {
  byId("done-again").hidden = true;
  fill(byId("done-why"));
  for (let look = 0; look < LOOKS && isShown(); look += 1) {
    const found = await api.packageOf(id);
    show(found);
    if (!MOVING.has(found.state)) {
      if (found.state === "held") fill(byId("done-why"), make("ul", {}, (await api.slipWhy(id)).map((each) => make("li", {}, each))));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
  byId("done-again").hidden = false;
}

function show({ state, recipients }) {
  const said = called("states", state);
  // What is the same is not said again.
  if (byId("done-state").textContent !== said) byId("done-state").textContent = said;
  byId("done-state").dataset.state = state;
  fill(
    byId("done-recipients"),
    recipients.map((each) => {
      const how = each.state ? called("shared.deliveries", each.state) : called("shared.outcomes", each.outcome ?? "");
      return make("li", {}, [each.id, how, each.channel && called("shared.channels", each.channel)].filter(Boolean).join(" – "));
    }),
  );
}
