// The sentences of the page, in its language. They come with the page, so that no script holds a text for people.

const words = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

/** Give a sentence with its {places} filled. */
export function say(key, places = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in places ? String(places[name]) : whole));
}

/** Give the sentence for a number: key_none (where there is one), key_one or key_many. */
export function count(key, n, places = {}) {
  const none = n === 0 && `${key}_none` in words;
  return say(`${key}_${none ? "none" : n === 1 ? "one" : "many"}`, { n, ...places });
}

/** Give the words for a code out of a table; the code itself where a newer service knows more than this page. */
export function called(table, code) {
  const found = table.split(".").reduce((each, name) => each[name], words);
  return found[code] ?? code;
}

/** List the reason codes that fit a verdict. */
export const reasonsFor = (verdict) => words.reasons[verdict] ?? [];

/** Give a sentence of the API, which has both languages. */
export const both = (text) => text[language] ?? text.en;

const moments = new Intl.DateTimeFormat(language === "nl" ? "nl-NL" : "en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "Europe/Amsterdam",
});

/** Say a moment as people in the Netherlands read it. */
export const moment = (text) => moments.format(new Date(text));
