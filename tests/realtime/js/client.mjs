// An official Socket.IO client, of any version, made easy to wait on: every event is kept in order.
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const require = createRequire(import.meta.url);
const PATIENCE = 20_000;

/** Reject when the promise takes too long, saying what was waited for. */
export function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what()}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What there is, now or later, of things that are kept in order. */
export class Kept {
  items = [];
  #waiting = new Set();

  keep(item) {
    this.items.push(item);
    for (const look of [...this.#waiting]) look();
  }

  last() {
    return `what came last: ${JSON.stringify(this.items.slice(-10)).slice(-2000)}`;
  }

  /** Wait until something is found among the items, and return it. */
  until(found, what) {
    const there = new Promise((resolve) => {
      const look = () => {
        const item = found(this.items);
        if (item === undefined) return;
        this.#waiting.delete(look);
        resolve(item);
      };
      this.#waiting.add(look);
      look();
    });
    return inTime(there, () => `${what}; ${this.last()}`);
  }
}

export class Client {
  events = new Kept();

  /** Connect with a library, by its name in package.json. */
  static open(library, url, options) {
    return new Client(require(library).io(url, { forceNew: true, reconnection: false, ...options }));
  }

  constructor(socket) {
    this.socket = socket;
    socket.onAny((name, ...given) => this.events.keep([name, ...given]));
    for (const name of ["connect_error", "disconnect"]) socket.on(name, (why) => this.events.keep([name, `${why}`]));
  }

  /** A second namespace on the same line. */
  beside(namespace, options) {
    return new Client(this.socket.io.socket(namespace, options));
  }

  /** The first event of this name that matches: what it came with. */
  async heard(name, matches = () => true) {
    const isIt = ([called, ...given]) => called === name && matches(...given);
    const [, ...given] = await this.events.until((events) => events.find(isIt), name);
    return given;
  }

  emit(name, ...given) {
    this.socket.emit(name, ...given);
  }

  /** Emit and return what it is acknowledged with. */
  ask(name, ...given) {
    const answer = new Promise((resolve) => this.emit(name, ...given, (...values) => resolve(values)));
    return inTime(answer, () => `the acknowledgement of ${name}; ${this.events.last()}`);
  }

  /** Wait until the line is carried by this transport. */
  carriedBy(transport) {
    return carriedBy(this.socket.io.engine, transport);
  }

  close() {
    this.socket.disconnect();
  }

  get changes() {
    return this.events.items.filter(([, data]) => data?.seq !== undefined);
  }
}

/** Wait until an Engine.IO client is carried by this transport. */
export async function carriedBy(engine, transport) {
  if (engine.transport.name === transport) return;
  const upgraded = new Promise((resolve) => engine.once("upgrade", resolve));
  await inTime(upgraded, () => `the upgrade to ${transport}`);
  if (engine.transport.name !== transport) throw new Error(`${engine.transport.name}, not ${transport}`);
}

/** Throw unless the values are equal, bytes included; what node says of large values takes minutes. */
export function same(actual, expected) {
  const [is, should] = [plain(actual), plain(expected)];
  if (isDeepStrictEqual(is, should)) return;
  const at = Array.isArray(is) ? is.findIndex((item, n) => !isDeepStrictEqual(item, should[n])) : -1;
  const shown = (value) => (JSON.stringify(at < 0 ? value : value[at]) ?? "nothing").slice(0, 500);
  throw new Error(`${shown(is)} instead of ${shown(should)}${at < 0 ? "" : ` at ${at}`}`);
}

/** A value with its bytes as text. */
function plain(value) {
  if (value instanceof ArrayBuffer) return plain(Buffer.from(value));
  if (Buffer.isBuffer(value)) return { $bytes: value.toString("base64") };
  if (ArrayBuffer.isView(value)) return plain(Buffer.from(value));
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
