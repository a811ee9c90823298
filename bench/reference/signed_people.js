// Signing people in as a server must that does not know everybody beforehand: the token's signature is checked, and the
// user's groups are read from the store, by its own key.
import { BatchWriteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createLocalJWKSet, jwtVerify } from "jose";

const MOST_ROWS = 25; // of one BatchWriteItem

async function store(groups, dynamodb, table) {
  const rows = groups.flatMap((group) => group.members.map((userId) => ({ userId, groupId: group.id })));
  for (let start = 0; start < rows.length; start += MOST_ROWS) {
    const puts = rows.slice(start, start + MOST_ROWS).map((row) => ({ PutRequest: { Item: marshall(row) } }));
    let left = { [table]: puts };
    while (Object.keys(left).length) {
      left = (await dynamodb.send(new BatchWriteItemCommand({ RequestItems: left }))).UnprocessedItems ?? {};
    }
  }
}

export async function signedPeople({ groups, issuer, jwks }, dynamodb, createTable, table) {
  await createTable(table, "userId", "groupId");
  await store(groups, dynamodb, table);
  const keys = createLocalJWKSet(jwks);

  async function groupsOf(userId) {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: "userId = :userId",
      ExpressionAttributeValues: { ":userId": { S: userId } },
      ConsistentRead: true,
    });
    return (await dynamodb.send(query)).Items.map((item) => item.groupId.S);
  }

  return {
    async admit(socket, next) {
      try {
        const { payload } = await jwtVerify(socket.handshake.auth.token, keys, { issuer, algorithms: ["RS256"] });
        socket.data.userId = payload.sub;
        next();
      } catch {
        next(new Error("unauthenticated"));
      }
    },
    async enter(socket) {
      try {
        const groups = await groupsOf(socket.data.userId);
        socket.join(groups);
        socket.emit("ready", { groups });
      } catch {
        socket.disconnect(true);
      }
    },
  };
}
