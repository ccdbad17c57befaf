// Opens a parcel: derives what link and code give, and decrypts RFC 8188 `aes128gcm` record by record.
// The same derivation in Python, with its reasons: gateway/seal/pickup.py.

const STRETCHES = 600000;
const HEADER_BYTES = 21;
const TAG_BYTES = 16;
const text = new TextEncoder();

/** What arrived can not be opened: it was changed, cut off, or is for another key. `cut` tells that only its end is missing. */
export class DamagedError extends Error {
  constructor(cut = false) {
    super("damaged");
    this.cut = cut;
  }
}

/** The secret behind the `#` of a link; null when the link was cut off or changed, which costs no try. */
export async function secretOf(fragment) {
  if (!/^[A-Za-z0-9_-]{48}$/.test(fragment)) return null;
  const bytes = Uint8Array.from(atob(fragment.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const secret = bytes.slice(0, 32);
  const check = new Uint8Array(await crypto.subtle.digest("SHA-256", secret));
  return bytes.slice(32).every((each, place) => each === check[place]) ? secret : null;
}

/**
 * What the service is shown, and the key of the content. Both need the secret and the code; behind the point stands what
 * the secret gives alone, so that a wrong code is known from somebody who has not even the link.
 */
export async function derive(secret, code, parcel) {
  const typed = await crypto.subtle.importKey("raw", text.encode(code), "PBKDF2", false, ["deriveBits"]);
  const salt = text.encode("sluis-postbus/1 " + parcel);
  const stretching = { name: "PBKDF2", hash: "SHA-256", salt, iterations: STRETCHES };
  const both = new Uint8Array(64);
  both.set(secret);
  both.set(new Uint8Array(await crypto.subtle.deriveBits(stretching, typed, 256)), 32);
  const access = await hkdf(both, text.encode(parcel), "sluis postbus access", 32);
  const content = await hkdf(both, text.encode(parcel), "sluis postbus content", 32);
  const link = await hkdf(secret, text.encode(parcel), "sluis postbus link", 32);
  return { access: `${hex(access)}.${hex(link)}`, content };
}

/** One parcel on its way in. `next()` says which bytes are wanted, `take()` decrypts them; `parts` are kept in order. */
export class Opening {
  constructor(content, size) {
    this.content = content;
    this.size = size;
    this.parts = [];
    this.offset = 0;
    this.number = 0;
    this.records = 0;
  }

  get isDone() {
    return this.records > 0 && this.offset >= this.size;
  }

  next() {
    if (this.records === 0) return [0, HEADER_BYTES - 1];
    const some = Math.max(1, Math.floor((4 * 1024 * 1024) / this.records)) * this.records;
    return [this.offset, Math.min(this.offset + some, this.size) - 1];
  }

  async take(bytes) {
    if (this.records === 0) return this.begin(bytes);
    const [first, last] = this.next();
    if (bytes.length !== last - first + 1) throw new DamagedError(true);
    const opened = [];
    for (let start = 0; start < bytes.length; start += this.records) {
      const record = bytes.subarray(start, start + this.records);
      opened.push(await this.open(record, this.number + opened.length, first + start + record.length === this.size));
    }
    // Kept only when all of them are right: the next try begins at the same place.
    this.parts.push(new Blob(opened));
    this.number += opened.length;
    this.offset += bytes.length;
  }

  async begin(header) {
    if (header.length !== HEADER_BYTES || header[20] !== 0) throw new DamagedError();
    const salt = header.slice(0, 16);
    const records = new DataView(header.buffer, header.byteOffset).getUint32(16);
    if (records < TAG_BYTES + 2 || records > 16 * 1024 * 1024) throw new DamagedError();
    const key = await hkdf(this.content, salt, "Content-Encoding: aes128gcm\0", 16);
    this.key = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    this.nonce = await hkdf(this.content, salt, "Content-Encoding: nonce\0", 12);
    this.records = records;
    this.offset = HEADER_BYTES;
  }

  async open(record, number, isLast) {
    const iv = this.nonce.slice();
    const counter = new DataView(iv.buffer);
    counter.setUint32(8, (counter.getUint32(8) ^ number) >>> 0);
    let plain;
    try {
      plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, record));
    } catch {
      throw new DamagedError();
    }
    let end = plain.length - 1;
    while (end >= 0 && plain[end] === 0) end -= 1;
    // 2 marks the last record and no other: a stream that was cut off between two records has none.
    if (end < 0 || plain[end] !== (isLast ? 2 : 1)) throw new DamagedError(isLast);
    return plain.subarray(0, end);
  }
}

function hex(bytes) {
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

async function hkdf(key, salt, info, length) {
  const from = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: text.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, from, length * 8));
}
