// The official parsers, driven over stdin: a line is {kind, cases}, the response a list of {ok: value} or {error}.
// A value is written as JSON: {"$bytes": base64} for bytes, {"$number": text} for a number that JSON has not.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const { Decoder } = require("socket.io-parser");
const { decodePacket, decodePayload } = require("engine.io-parser");

function plain(value) {
  if (Buffer.isBuffer(value)) return { $bytes: value.toString("base64") };
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    const copy = Object.create(null);
    for (const key of Object.keys(value)) copy[key] = plain(value[key]);
    return copy;
  }
  return typeof value === "number" && !Number.isFinite(value) ? { $number: `${value}` } : value;
}

/** The packet that the text and its attachments (base64) make. */
function socketio([text, ...attachments]) {
  const decoder = new Decoder();
  let packet;
  decoder.on("decoded", (decoded) => (packet = decoded));
  decoder.add(text);
  for (const attachment of attachments) decoder.add(Buffer.from(attachment, "base64"));
  if (packet === undefined) throw new Error("attachments are missing");
  const { type, nsp, id = null, data = null } = packet;
  return { type, nsp, id, data: plain(data) };
}

function checked(packet) {
  if (packet.type === "error") throw new Error(packet.data);
  return { type: packet.type, data: plain(packet.data ?? "") };
}

const READ = {
  socketio,
  packet: (text) => checked(decodePacket(text, "nodebuffer")),
  payload: (text) => decodePayload(text, "nodebuffer").map(checked),
};

function result(read, item) {
  try {
    return { ok: read(item) };
  } catch (error) {
    return { error: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, cases } = JSON.parse(line);
  process.stdout.write(JSON.stringify(cases.map((item) => result(READ[kind], item))) + "\n");
}
