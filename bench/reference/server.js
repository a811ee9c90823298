// The reference of the benchmark: the chat server that one would write with Node, Socket.IO, its Redis adapter and the
// AWS SDK.
//
// Each message is validated, checked against the sender's rooms, stored with one PutItem, broadcast to its room and
// acknowledged. It does not deduplicate retries, order messages across processes, or deliver missed messages.
//
// With verified tokens it has an HTTP API too (http_api.js).
//
// Environment: PORT, REDIS_URL, DYNAMODB_URL, TABLE, and FIXTURE, a JSON file
// {users: [{id, token}], groups: [{id, members: [userId]}]}. If it also has {issuer, jwks}, the server verifies tokens
// and reads a user's groups from DynamoDB, as it would in production; otherwise it looks both up in the fixture.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

import { httpApi } from "./http_api.js";
import { verifiedUsers } from "./verified_users.js";

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
    KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index ? "RANGE" : "HASH" })),
  });
  await dynamodb.send(command).catch((error) => {
    if (error.name !== "ResourceInUseException") throw error; // the table exists
  });
}

function usersInMemory({ users, groups }) {
  const userOfToken = new Map(users.map((user) => [user.token, user.id]));
  const groupsOfUser = new Map(users.map((user) => [user.id, []]));
  for (const group of groups) for (const member of group.members) groupsOfUser.get(member).push(group.id);
  return {
    authenticate(socket, next) {
      const userId = userOfToken.get(socket.handshake.auth.token);
      if (!userId) return next(new Error("unauthenticated"));
      socket.data.userId = userId;
      next();
    },
    joinRooms: (socket) => socket.join(groupsOfUser.get(socket.data.userId)),
  };
}

async function adapter() {
  const publisher = createClient({ url: REDIS_URL });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return createAdapter(publisher, subscriber);
}

const errorAck = (code) => ({ ok: false, error: { code } });

async function send(socket, { groupId, content, parentId } = {}) {
  if (typeof groupId !== "string" || typeof content !== "string") return errorAck("invalid");
  if (!content || content.length > MAX_CONTENT_LENGTH) return errorAck("invalid");
  if (!socket.rooms.has(groupId)) return errorAck("forbidden");
  try {
    return { ok: true, message: await store({ userId: socket.data.userId, groupId, content, parentId }) };
  } catch {
    return errorAck("unavailable");
  }
}

async function store({ userId, groupId, content, parentId }) {
  const message = {
    id: `${Date.now().toString(36)}-${randomUUID()}`,
    content,
    userId,
    groupId,
    createdAt: new Date().toISOString(),
    ...(parentId ? { parentId } : {}),
  };
  await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: marshall(message) }));
  io.to(groupId).emit("message", message);
  return message;
}

await createTable(TABLE, "groupId", "id");
const users = fixture.jwks
  ? await verifiedUsers(fixture, dynamodb, createTable, `${TABLE}Members`)
  : usersInMemory(fixture);
// The benchmark polls this until the server is up.
const ready = (request, response) => response.end("ok");
const http = createServer(fixture.jwks ? await httpApi(fixture, dynamodb, createTable, TABLE, store, ready) : ready);
const io = new Server(http, { adapter: await adapter(), perMessageDeflate: false });

io.use(users.authenticate);

io.on("connection", (socket) => {
  users.joinRooms(socket);
  socket.on("message", async (body, acknowledge) => {
    const ack = await send(socket, body ?? {});
    acknowledge?.(ack);
  });
});

http.listen(Number(PORT), "127.0.0.1");
