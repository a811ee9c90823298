// Authentication without knowing all users in advance: verifies a token's signature, and reads the user's groups from
// DynamoDB with one Query.
import { BatchWriteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createLocalJWKSet, jwtVerify } from "jose";

const MAX_BATCH = 25; // the limit of BatchWriteItem

async function storeMembers(groups, dynamodb, table) {
  const rows = groups.flatMap((group) => group.members.map((userId) => ({ userId, groupId: group.id })));
  for (let start = 0; start < rows.length; start += MAX_BATCH) {
    const puts = rows.slice(start, start + MAX_BATCH).map((row) => ({ PutRequest: { Item: marshall(row) } }));
    let unprocessed = { [table]: puts };
    while (Object.keys(unprocessed).length) {
      unprocessed = (await dynamodb.send(new BatchWriteItemCommand({ RequestItems: unprocessed }))).UnprocessedItems ?? {};
    }
  }
}

export async function verifiedUsers({ groups, issuer, jwks }, dynamodb, createTable, table) {
  await createTable(table, "userId", "groupId");
  await storeMembers(groups, dynamodb, table);
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
    async authenticate(socket, next) {
      try {
        const { payload } = await jwtVerify(socket.handshake.auth.token, keys, { issuer, algorithms: ["RS256"] });
        socket.data.userId = payload.sub;
        next();
      } catch {
        next(new Error("unauthenticated"));
      }
    },
    async joinRooms(socket) {
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
