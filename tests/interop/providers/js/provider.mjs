// A real OpenID provider (oidc-provider) over TLS on loopback. Its login page asks nothing: it logs in the person that
// `login_hint` names.
//
//   node provider.mjs CONFIGURATION PEOPLE
//
// Both are JSON files. CONFIGURATION has
//   port                  of 127.0.0.1; the issuer is https://localhost:PORT
//   certificate, key      PEM files for TLS
//   keys                  private JWKs, all of which are published; the first one for an algorithm signs
//   clients               as oidc-provider takes them
// PEOPLE has the claims of each person by account id. It is read at each login.
//
// Prints a line when it listens. GET /requests answers with the number of requests for each path.
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:https';
import Provider from 'oidc-provider';

const [, , configurationFile, peopleFile] = process.argv;
const readJson = async file => JSON.parse(await readFile(file, 'utf8'));
const {port, certificate, key, keys, clients} = await readJson(configurationFile);
const issuer = `https://localhost:${port}`;

const provider = new Provider(issuer, {
  jwks: {keys},
  clients,
  claims: {openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['name']},
  conformIdTokenClaims: false,  // the ID token has them, and not only the answer of /me
  cookies: {keys: ['a key of this test']},
  enabledJWA: {idTokenSigningAlgValues: [...new Set(keys.map(jwk => jwk.alg))]},
  features: {devInteractions: {enabled: false}},
  interactions: {url: (_, interaction) => `/interaction/${interaction.uid}`},
  async findAccount(_, id) {
    const claims = (await readJson(peopleFile))[id];
    return claims && {accountId: id, claims: () => ({sub: id, ...claims})};
  },
  // Everybody has consented.
  async loadExistingGrant({oidc}) {
    const grant = new provider.Grant({clientId: oidc.client.clientId, accountId: oidc.session.accountId});
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

async function logIn(request, response) {
  const {login_hint: accountId} = (await provider.interactionDetails(request, response)).params;
  const {amr} = (await readJson(peopleFile))[accountId];
  await provider.interactionFinished(request, response, {login: {accountId, amr}});
}

const handle = provider.callback();
const requests = {};
const server = createServer({cert: await readFile(certificate), key: await readFile(key)}, (request, response) => {
  const {pathname} = new URL(request.url, issuer);
  if (pathname === '/requests') return response.end(JSON.stringify(requests));
  requests[pathname] = (requests[pathname] ?? 0) + 1;
  return pathname.startsWith('/interaction/') ? logIn(request, response) : handle(request, response);
});
server.listen(port, '127.0.0.1', () => console.log('ready'));
