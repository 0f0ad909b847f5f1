// A real OpenID provider (oidc-provider) over TLS on loopback, with its own pages: everybody may log in under any name,
// with any password, and has a verified address.
//
//   node provider.mjs PORT CERTIFICATE KEY REDIRECT_URI SECRET
//
// The only client is `frontend`. Prints a line when it listens.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import {generateKeyPairSync} from 'node:crypto';
import Provider from 'oidc-provider';

const [, , port, certificate, key, redirectUri, secret] = process.argv;
const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const provider = new Provider(`https://localhost:${port}`, {
  jwks: {keys: [{...privateKey.export({format: 'jwk'}), kid: 'first', alg: 'RS256', use: 'sig'}]},
  clients: [{client_id: 'frontend', client_secret: secret, redirect_uris: [redirectUri]}],
  claims: {openid: ['sub'], email: ['email', 'email_verified'], profile: ['name']},
  conformIdTokenClaims: false,  // the ID token has them, and not only the answer of /me
  cookies: {keys: ['a key of this test']},
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({sub: id, name: id, email: `${id}@example.com`, email_verified: true}),
  }),
});
createServer({cert: readFileSync(certificate), key: readFileSync(key)}, provider.callback())
  .listen(Number(port), '127.0.0.1', () => console.log('ready'));
