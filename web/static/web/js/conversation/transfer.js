// How a file gets to the server: a small one at once, any other in parts, by tus 1.0. Where the connection breaks, it goes on from
// what the server has. It shares no module with what is loaded at once.

// The server bounds how many uploads of a user are under way; the others wait here.
const AT_ONCE = 3;
// Bytes up to which one request is less than the three of parts.
const SMALL = 512 * 1024;
// Of a part: some proxies hand on only what has come whole.
const PART = 8 * 1024 * 1024;
// Tries in a row of which none brought a byte.
const TRIES = 8;
const MAX_WAIT = 10_000;
const TUS = { "Tus-Resumable": "1.0.0" };
const PART_TYPE = "application/offset+octet-stream";

const waiting = [];
let running = 0;

/** Why a file was not taken; `mayRetry`: the same may be taken later. */
class Refused extends Error {
  constructor(sentence, mayRetry = false) {
    super(sentence);
    Object.assign(this, { sentence, mayRetry });
  }
}

/** A request without an answer that decides something: it is made again. */
class Broken extends Error {}

/**
 * Send the file of a job, or what is missing of it; returns its FileReference. A job is {file, groupId, token(), renew(), t(sentence), wordsOf(error), stop: an
 * AbortController, onProgress(share), onWait(whether it waits for a connection), url: of what has begun}. Throws a `Refused`.
 */
export async function transfer(job) {
  if (running >= AT_ONCE) await new Promise((done) => waiting.push(done));
  running += 1;
  try {
    job.stop.signal.throwIfAborted();
    await requireReadable(job);
    await job.renew();
    return job.file.size <= SMALL ? await post(job) : await sendParts(job);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** A folder, or a file that was moved or changed since, cannot be read. */
async function requireReadable({ file, t }) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Refused(t("It cannot be read: it is a folder, or was moved."));
  }
}

async function post(job) {
  const body = new FormData();
  body.append("groupId", job.groupId);
  body.append("file", job.file);
  const request = await send(job, "POST", "/api/upload", {}, body, (loaded, all) => job.onProgress(loaded / all)).catch(() => null);
  if (!request) throw new Refused(job.t("The connection broke."), true);
  const { files, error } = request.response ?? {};
  if (request.status !== 201 || !files) throw new Refused(error ? job.wordsOf(error) : job.t("The server did not take it."), true);
  return files[0];
}

async function sendParts(job) {
  let [failures, furthest] = [0, 0];
  for (;;) {
    try {
      let offset = job.url ? await offsetOf(job) : await begin(job);
      if (offset > furthest) [failures, furthest] = [0, offset];
      job.onWait(false);
      while (offset < job.file.size) offset = await sendPart(job, offset);
      return await referenceOf(job);
    } catch (error) {
      job.stop.signal.throwIfAborted();
      if (!(error instanceof Broken)) throw error;
      if ((failures += 1) > TRIES) throw new Refused(job.t("The connection broke."), true);
      job.onWait(true);
      await pause(job, Math.min(MAX_WAIT, 500 * 2 ** (failures - 1)));
      await job.renew();
    }
  }
}

async function begin(job) {
  const { name, type, size } = job.file;
  const metadata = Object.entries({ groupId: job.groupId, filename: name, filetype: type });
  const headers = { "Upload-Length": size, "Upload-Metadata": metadata.filter(([, value]) => value).map(([key, value]) => `${key} ${base64(value)}`).join(",") };
  const request = decided(job, await send(job, "POST", "/api/uploads", { ...TUS, ...headers }));
  // From the answer's own origin, whatever a proxy has made of the address.
  job.url = new URL(request.getResponseHeader("Location"), location.href).pathname;
  return 0;
}

/** Return how far the upload is; one that has expired is begun anew. */
async function offsetOf(job) {
  const request = await send(job, "HEAD", job.url, TUS);
  if ([404, 410].includes(request.status)) return begin(job);
  return Number(decided(job, request).getResponseHeader("Upload-Offset"));
}

async function sendPart(job, offset) {
  const part = job.file.slice(offset, offset + PART);
  const headers = { ...TUS, "Content-Type": PART_TYPE, "Upload-Offset": offset };
  const request = await send(job, "PATCH", job.url, headers, part, (loaded) => job.onProgress((offset + loaded) / job.file.size));
  return Number(decided(job, request).getResponseHeader("Upload-Offset"));
}

async function referenceOf(job) {
  const { response } = decided(job, await send(job, "GET", `/api/files/metadata/${job.url.split("/").at(-1)}`));
  return response.file ?? response;
}

/** Return an answer that says yes; throws `Broken` where another try may help, `Refused` where it does not. */
function decided(job, request) {
  const { status, response } = request;
  if (status >= 200 && status < 300) return request;
  if (status >= 500 || [408, 409, 423, 429].includes(status)) throw new Broken();
  throw new Refused(response?.error ? job.wordsOf(response.error) : job.t("The server did not take it."), Boolean(response?.error?.retryable));
}

/** By XMLHttpRequest, because fetch reports no progress of an upload. Throws `Broken` without an answer. */
function send(job, method, url, headers = {}, body = null, onProgress = null) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "json";
    for (const [name, value] of Object.entries({ ...headers, "X-CSRFToken": job.token() })) request.setRequestHeader(name, value);
    if (onProgress) request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () => done(request));
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => fail(new Broken()));
    job.stop.signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/** Wait so long, or until the browser says that there is a connection again, or the job is stopped. */
function pause(job, milliseconds) {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    const end = () => (clearTimeout(timer), done());
    addEventListener("online", end, { once: true });
    job.stop.signal.addEventListener("abort", end, { once: true });
  });
}

const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
