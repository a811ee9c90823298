// An official Socket.IO client, of any version, for tests: it keeps every event in order, and waits for events.
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const require = createRequire(import.meta.url);
const TIMEOUT = 20_000;

/** Reject with what was waited for when the promise takes too long. */
export function inTime(promise, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out: ${what()}`)), TIMEOUT);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** A list that one can wait on. */
export class Log {
  items = [];
  #waiting = new Set();

  add(item) {
    this.items.push(item);
    for (const check of [...this.#waiting]) check();
  }

  last() {
    return `the last: ${JSON.stringify(this.items.slice(-10)).slice(-2000)}`;
  }

  /** Wait until `find` returns something for the items, and return that. */
  until(find, what) {
    const found = new Promise((resolve) => {
      const check = () => {
        const item = find(this.items);
        if (item === undefined) return;
        this.#waiting.delete(check);
        resolve(item);
      };
      this.#waiting.add(check);
      check();
    });
    return inTime(found, () => `${what}; ${this.last()}`);
  }
}

export class Client {
  events = new Log();

  /** Connect with a library, by its name in package.json. */
  static open(library, url, options) {
    return new Client(require(library).io(url, { forceNew: true, reconnection: false, ...options }));
  }

  constructor(socket) {
    this.socket = socket;
    socket.onAny((name, ...values) => this.events.add([name, ...values]));
    for (const name of ["connect_error", "disconnect"]) socket.on(name, (why) => this.events.add([name, `${why}`]));
  }

  /** Connect a second namespace over the same connection. */
  namespace(namespace, options) {
    return new Client(this.socket.io.socket(namespace, options));
  }

  /** Return the arguments of the first event of this name that matches. */
  async waitFor(name, matches = () => true) {
    const isMatch = ([called, ...values]) => called === name && matches(...values);
    const [, ...values] = await this.events.until((events) => events.find(isMatch), name);
    return values;
  }

  emit(name, ...values) {
    this.socket.emit(name, ...values);
  }

  /** Emit, and return the arguments of the acknowledgement. */
  call(name, ...values) {
    const acknowledgement = new Promise((resolve) => this.emit(name, ...values, (...results) => resolve(results)));
    return inTime(acknowledgement, () => `the acknowledgement of ${name}; ${this.events.last()}`);
  }

  /** Wait until the connection uses this transport. */
  waitForTransport(transport) {
    return waitForTransport(this.socket.io.engine, transport);
  }

  close() {
    this.socket.disconnect();
  }

  /** Close, and resolve once the connection is closed: before that, version 3 cannot connect again. */
  async disconnect() {
    const closed = new Promise((resolve) => this.socket.io.engine.once("close", resolve));
    this.close();
    await inTime(closed, () => `the close of the connection; ${this.events.last()}`);
  }

  get changes() {
    return this.events.items.filter(([, data]) => data?.seq !== undefined);
  }
}

/** Wait until an Engine.IO client uses this transport. */
export async function waitForTransport(engine, transport) {
  if (engine.transport.name === transport) return;
  const upgraded = new Promise((resolve) => engine.once("upgrade", resolve));
  await inTime(upgraded, () => `the upgrade to ${transport}`);
  if (engine.transport.name !== transport) throw new Error(`${engine.transport.name}, not ${transport}`);
}

/** Throw unless the values are equal, bytes included; node's own assertions take minutes for large values. */
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
