// The HTTP API that one would write with Node's own server and the AWS SDK's document client: pages of messages, lists
// of groups with what is unread, and sending. Each request's token is verified, and the caller's membership is read.
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createLocalJWKSet, jwtVerify } from "jose";

const MAX_CONTENT_LENGTH = 10_000;
const MAX_PAGE = 100;

class HttpError extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

const groupKey = (groupId) => ({ groupId, item: "group" });

// `<table>Members` is what verified_users.js stores; `<table>Groups` has a row a group, with its number of messages.
// `store` writes a message and tells the sockets; `otherwise` answers requests to other addresses.
export async function httpApi({ groups, issuer, jwks }, dynamodb, createTable, table, store, otherwise) {
  const membersTable = `${table}Members`;
  const groupsTable = `${table}Groups`;
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const keys = createLocalJWKSet(jwks);

  const update = (groupId, expression) =>
    documents.send(new UpdateCommand({ TableName: groupsTable, Key: groupKey(groupId), ...expression }));

  const countMessage = (groupId) =>
    update(groupId, { UpdateExpression: "ADD messages :one", ExpressionAttributeValues: { ":one": 1 } });

  async function nameGroups() {
    await createTable(groupsTable, "groupId", "item");
    for (const { id } of groups) {
      await update(id, {
        UpdateExpression: "SET #name = :name ADD messages :none",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":name": `Group ${id}`, ":none": 0 },
      });
    }
  }

  async function authenticate(request) {
    try {
      const token = (request.headers.authorization ?? "").replace(/^Bearer /i, "");
      return (await jwtVerify(token, keys, { issuer, algorithms: ["RS256"] })).payload.sub;
    } catch {
      throw new HttpError(401, "unauthenticated");
    }
  }

  async function requireMember(userId, groupId) {
    const member = { TableName: membersTable, Key: { userId, groupId }, ConsistentRead: true };
    if (!groupId || !(await documents.send(new GetCommand(member))).Item) throw new HttpError(404, "not_found");
  }

  async function listMessages(userId, query) {
    const groupId = query.get("groupId");
    const limit = Number(query.get("limit") ?? 50);
    if (!(limit >= 1 && limit <= MAX_PAGE)) throw new HttpError(400, "invalid");
    await requireMember(userId, groupId);
    const { Items } = await documents.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "groupId = :groupId",
        ExpressionAttributeValues: { ":groupId": groupId },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit + 1,
      }),
    );
    return { messages: Items.slice(0, limit).reverse(), hasMore: Items.length > limit };
  }

  async function listGroups(userId) {
    const { Items: own } = await documents.send(
      new QueryCommand({
        TableName: membersTable,
        KeyConditionExpression: "userId = :userId",
        ExpressionAttributeValues: { ":userId": userId },
        ConsistentRead: true,
      }),
    );
    const wanted = { Keys: own.map(({ groupId }) => groupKey(groupId)), ConsistentRead: true };
    const { Responses } = await documents.send(new BatchGetCommand({ RequestItems: { [groupsTable]: wanted } }));
    const read = new Map(own.map((member) => [member.groupId, member.read ?? 0]));
    const list = Responses[groupsTable].map(({ groupId, name, messages }) => ({
      id: groupId,
      name,
      unread: messages - read.get(groupId),
    }));
    return { groups: list.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  async function sendMessage(userId, request) {
    const { groupId, content, parentId } = await readJson(request);
    if (typeof groupId !== "string" || typeof content !== "string") throw new HttpError(400, "invalid");
    if (!content || content.length > MAX_CONTENT_LENGTH) throw new HttpError(400, "invalid");
    await requireMember(userId, groupId);
    const message = await store({ userId, groupId, content, parentId });
    await countMessage(groupId);
    return { message };
  }

  async function answer(request, path, query) {
    const userId = await authenticate(request);
    if (path === "/api/groups") return listGroups(userId);
    return request.method === "POST" ? sendMessage(userId, request) : listMessages(userId, query);
  }

  await nameGroups();
  return async (request, response) => {
    const [path, query] = request.url.split("?");
    if (path !== "/api/groups" && path !== "/api/messages") return otherwise(request, response);
    try {
      const body = await answer(request, path, new URLSearchParams(query));
      respond(response, request.method === "POST" ? 201 : 200, body);
    } catch (error) {
      respond(response, error.status ?? 503, { error: { code: error.status ? error.message : "unavailable" } });
    }
  };
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks)) ?? {};
  } catch {
    throw new HttpError(400, "invalid");
  }
}

function respond(response, status, body) {
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": json.length }).end(json);
}
