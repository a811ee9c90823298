// A provider of OpenID Connect for tests: whoever types a login is that person, with the claims that the test gave.
// Its arguments are the port and JSON {clientId, clientSecret, redirectUri, back, told, people: {login: claims}}.

import Provider from "oidc-provider";

const [port, said] = process.argv.slice(2);
const { clientId, clientSecret, redirectUri, back, told, people } = JSON.parse(said);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [back],
      // Where it says that somebody has signed out.
      backchannel_logout_uri: told,
      backchannel_logout_session_required: true,
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  features: { backchannelLogout: { enabled: true } },
  // It would refuse addresses of this machine.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  ttl: { AccessToken: 600, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
