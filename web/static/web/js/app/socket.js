// The page's one socket. Socket.IO's client is a third of the script, and nothing that a page shows waits for it: it is loaded once
// the page is there. Until then this stands for it: it is not connected, and keeps what is to be called back.

import { pageLoaded } from "../ui/loaded.js";

// Milliseconds after which pictures that still come keep it waiting no longer, and after which it is asked for again.
const PATIENCE = 800;
const RETRY_AFTER = 2_000;

let real = null;
let loading = null;
let onFailed = () => {};
// [method, event, callback] of the socket, and of its manager.
const kept = [];
const keptOfManager = [];

/** Stands for what Socket.IO calls the socket's manager. */
const manager = {
  on: (...given) => void keptOfManager.push(["on", ...given]),
  once: (...given) => void keptOfManager.push(["once", ...given]),
};

/** A subset of Socket.IO's socket, under its names. */
export const socket = {
  get io() {
    return real?.io ?? manager;
  },
  on: (...given) => void (real?.on(...given) ?? kept.push(["on", ...given])),
  once: (...given) => void (real?.once(...given) ?? kept.push(["once", ...given])),
  get connected() {
    return real?.connected ?? false;
  },
  /** Whether it connects by itself; also while the client is being loaded. */
  get active() {
    return real?.active ?? loading !== null;
  },
  /** What the handshake says, once the client is loaded. */
  get auth() {
    return real?.auth;
  },
  set auth(auth) {
    real.auth = auth;
  },
  connect() {
    if (real) real.connect();
    else load();
    return this;
  },
  disconnect() {
    real?.disconnect();
    return this;
  },
  timeout: (milliseconds) => real.timeout(milliseconds),
  get volatile() {
    return real.volatile;
  },
};

let options = {};

/** Say how it connects, and what is called each time that the client could not be loaded. */
export function configure(given, failed) {
  options = given;
  onFailed = failed;
}

function load() {
  loading ??= Promise.race([pageLoaded(), new Promise((done) => setTimeout(done, PATIENCE))]).then(open);
}

async function open() {
  try {
    const { io } = await import("./socket_io.js");
    real = io(options);
  } catch {
    onFailed();
    setTimeout(open, RETRY_AFTER);
    return;
  }
  for (const [method, ...given] of kept.splice(0)) real[method](...given);
  for (const [method, ...given] of keptOfManager.splice(0)) real.io[method](...given);
  real.connect();
}
