// Runs an example in Node: `node example.mjs FILE URL TOKEN`; reads "cut" and "release", writes what it records.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import "./example.js";

const [file, url, token] = process.argv.slice(2);
const record = (what, value) => console.log(JSON.stringify([what, value]));
const running = globalThis.runExample(readFileSync(file, "utf8"), url, token, { io, WebSocket }, record);
for await (const line of createInterface({ input: process.stdin })) running[JSON.parse(line)]();
