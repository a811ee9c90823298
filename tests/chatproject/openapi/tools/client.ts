// Calls the server through types that are generated from its description: what does not fit them does not compile.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };
type Message = components["schemas"]["Message"];

const [url, token] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
}

const group = present((await client.POST("/api/groups", { body: { name: "Quay" } })).data, "group");
const sent = await client.POST("/api/messages", { body: { groupId: group.id, content: "ahoy", clientId: "one" } });
const message: Message = present(sent.data, "message").message;
const path = { messageId: message.id };
const edited = await client.PATCH("/api/messages/{messageId}", {
  params: { path, header: { "If-Match": "*" } },
  body: { content: "ahoy!" },
});
const page = await client.GET("/api/messages", { params: { query: { groupId: group.id, limit: 10 } } });
const detail = await client.GET("/api/groups/{groupId}", { params: { path: { groupId: group.id } } });
const absent = await client.GET("/api/messages/{messageId}", { params: { path: { messageId: "none.1" } } });
const left = await client.POST("/api/groups/{groupId}/leave", { params: { path: { groupId: group.id } } });

console.log(
  JSON.stringify({
    created: sent.response.status,
    edited: present(edited.data, "edited message").message.content,
    listed: present(page.data, "page").messages.map((item) => item.id),
    message: message.id,
    role: present(detail.data, "group").role,
    absent: absent.error?.error.code,
    left: left.error?.error.code,
  }),
);
