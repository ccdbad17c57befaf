// Asks the API. The token lives in this module's memory only: no storage, no cookie and no address ever gets it.

import { language, say } from "./words.js";

/** What the API answered instead: its problem details. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.code);
    this.status = status;
    this.body = body;
  }
}

let token = "";

export function setToken(text) {
  token = text;
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${token}`, "Accept-Language": language },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Problem(0, { code: "", title: say("noAnswer"), remedy: say("noAnswerRemedy"), errors: [] });
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({ code: "", title: say("noAnswer"), remedy: say("noAnswerRemedy") }));
  throw new Problem(answer.status, body);
}

const json = async (path) => (await ask(path)).json();
const part = encodeURIComponent;
const forRecipient = (recipient) => (recipient ? `recipient=${part(recipient)}` : "");

export const holds = (cursor) => json(`/v1/holds?limit=50${cursor ? `&cursor=${part(cursor)}` : ""}`);
export const hold = (id) => json(`/v1/holds/${part(id)}`);
export const packageOf = (id) => json(`/v1/packages/${part(id)}`);

/** Give the decision on a package, or null where none was made. */
export async function decision(id) {
  try {
    return await json(`/v1/packages/${part(id)}/decision`);
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/** Give what the slip says of why, in the page's language; nothing where there is no slip. */
export async function slipWhy(id) {
  try {
    return (await json(`/v1/packages/${part(id)}/slip`)).text[language].why;
  } catch (problem) {
    if (problem.status === 404) return [];
    throw problem;
  }
}

export const heldDocument = (id, number, recipient) =>
  json(`/v1/holds/${part(id)}/documents/${number}${recipient ? `?${forRecipient(recipient)}` : ""}`);

/** Give a picture of a page as an address of this browser's own; whoever asked revokes it. */
export async function picture(id, number, page, side, recipient) {
  const query = [forRecipient(recipient), `side=${side}`].filter(Boolean).join("&");
  const answer = await ask(`/v1/holds/${part(id)}/documents/${number}/pages/${page}?${query}`);
  return URL.createObjectURL(await answer.blob());
}

export async function review(id, body) {
  const answer = await ask(`/v1/packages/${part(id)}/reviews`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}
