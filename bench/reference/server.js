// The chat server that one would write with Node, Socket.IO, its Redis adapter and the AWS SDK, for comparison.
//
// Each message is validated, checked against the sender's rooms, stored with one PutItem, broadcast to its room and
// acknowledged. It has no retry safety, no order across processes and no way back for who was away.
//
// Environment: PORT, REDIS_URL, DYNAMODB_URL, TABLE, and FIXTURE, a JSON file
// {users: [{id, token}], groups: [{id, members: [userId]}]}. With {issuer, jwks} in it, tokens are checked by their
// signature and a user's groups are read from the store, as they must be outside a benchmark; else both are known.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

import { signedPeople } from "./signed_people.js";

const { PORT, REDIS_URL, DYNAMODB_URL, TABLE, FIXTURE } = process.env;
const MAX_CONTENT_LENGTH = 10_000;

const fixture = JSON.parse(readFileSync(FIXTURE, "utf8"));

const dynamodb = new DynamoDBClient({
  endpoint: DYNAMODB_URL,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

async function createTable(name, hash, range) {
  const keys = [hash, range];
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: "S" })),
    KeySchema: keys.map((key, place) => ({ AttributeName: key, KeyType: place ? "RANGE" : "HASH" })),
  });
  await dynamodb.send(command).catch((error) => {
    if (error.name !== "ResourceInUseException") throw error; // it is there already
  });
}

function namedPeople({ users, groups }) {
  const userOfToken = new Map(users.map((user) => [user.token, user.id]));
  const groupsOfUser = new Map(users.map((user) => [user.id, []]));
  for (const group of groups) for (const member of group.members) groupsOfUser.get(member).push(group.id);
  return {
    admit(socket, next) {
      const userId = userOfToken.get(socket.handshake.auth.token);
      if (!userId) return next(new Error("unauthenticated"));
      socket.data.userId = userId;
      next();
    },
    enter: (socket) => socket.join(groupsOfUser.get(socket.data.userId)),
  };
}

async function adapter() {
  const publisher = createClient({ url: REDIS_URL });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return createAdapter(publisher, subscriber);
}

const refusal = (code) => ({ ok: false, error: { code } });

async function send(socket, { groupId, content, parentId } = {}) {
  if (typeof groupId !== "string" || typeof content !== "string") return refusal("invalid");
  if (!content || content.length > MAX_CONTENT_LENGTH) return refusal("invalid");
  if (!socket.rooms.has(groupId)) return refusal("forbidden");
  const message = {
    id: `${Date.now().toString(36)}-${randomUUID()}`,
    content,
    userId: socket.data.userId,
    groupId,
    createdAt: new Date().toISOString(),
    ...(parentId ? { parentId } : {}),
  };
  try {
    await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: marshall(message) }));
  } catch {
    return refusal("unavailable");
  }
  io.to(groupId).emit("message", message);
  return { ok: true, message };
}

await createTable(TABLE, "groupId", "id");
const people = fixture.jwks ? await signedPeople(fixture, dynamodb, createTable, `${TABLE}Members`) : namedPeople(fixture);
// Any path but Socket.IO's own tells who starts the server that it is there.
const http = createServer((request, response) => response.end("ok"));
const io = new Server(http, { adapter: await adapter(), perMessageDeflate: false });

io.use(people.admit);

io.on("connection", (socket) => {
  people.enter(socket);
  socket.on("message", async (body, acknowledge) => {
    const answer = await send(socket, body ?? {});
    acknowledge?.(answer);
  });
});

http.listen(Number(PORT), "127.0.0.1");
