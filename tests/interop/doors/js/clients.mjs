// OAuth and JWT libraries as clients of the doors over HTTP, each used as its own documentation says.
//
//   node clients.mjs LIBRARY
//
// LIBRARY is a function below. The environment has ISSUER, CLIENT_ID, CLIENT_SECRET and REFRESH_TOKEN. Exits with 0 when
// everything was as expected.
import assert from 'node:assert/strict';
import {createInterface} from 'node:readline';
import {verify} from 'node:crypto';

const issuer = new URL(process.env.ISSUER);
const {CLIENT_ID: id, CLIENT_SECRET: secret, REFRESH_TOKEN: refreshToken} = process.env;
const audience = 'shop';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const exchangeOf = token => ({
  subject_token: token,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  audience: 'billing',
});

const libraries = {
  async oauth4webapi() {
    const oauth = await import('oauth4webapi');
    const insecure = {[oauth.allowInsecureRequests]: true};
    const server = await oauth.processDiscoveryResponse(
        issuer, await oauth.discoveryRequest(issuer, {...insecure, algorithm: 'oauth2'}));
    const client = {client_id: id};
    for (const authentication of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
      const granted = await oauth.processClientCredentialsResponse(
          server, client,
          await oauth.clientCredentialsGrantRequest(
              server, client, authentication, new URLSearchParams({audience}), insecure));
      const request = new Request('https://shop.example/', {headers: {authorization: `Bearer ${granted.access_token}`}});
      const claims = await oauth.validateJwtAccessToken(server, request, audience, insecure);
      assert.equal(claims.iss, server.issuer);

      const introspect = async token => oauth.processIntrospectionResponse(
          server, client, await oauth.introspectionRequest(server, client, authentication, token, insecure));
      const found = await introspect(granted.access_token);
      assert.deepEqual([found.active, found.aud, found.sub], [true, audience, claims.sub]);
      const exchanged = await oauth.processGenericTokenEndpointResponse(
          server, client,
          await oauth.genericTokenEndpointRequest(
              server, client, authentication, tokenExchange, exchangeOf(granted.access_token), insecure));
      assert.deepEqual((await introspect(exchanged.access_token)).act, {sub: id});

      await oauth.processRevocationResponse(
          await oauth.revocationRequest(server, client, authentication, granted.access_token, insecure));
      for (const {access_token: dead} of [granted, exchanged]) {
        assert.deepEqual(await introspect(dead), {active: false});
      }
    }
    const renewed = await oauth.processRefreshTokenResponse(
        server, client,
        await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, insecure));
    assert.notEqual(renewed.refresh_token, refreshToken);
    await assert.rejects(
        async () => oauth.processClientCredentialsResponse(
            server, client,
            await oauth.clientCredentialsGrantRequest(
                server, client, oauth.ClientSecretBasic('wrong'), new URLSearchParams(), insecure)),
        error => error.status === 401);
  },

  async 'openid-client'() {
    const openid = await import('openid-client');
    const options = {execute: [openid.allowInsecureRequests]};
    const config = await openid.discovery(issuer, id, secret, openid.ClientSecretBasic(secret), options);
    const granted = await openid.clientCredentialsGrant(config, {audience, scope: 'posts:read'});
    assert.equal(granted.scope, 'posts:read');
    assert.equal((await openid.tokenIntrospection(config, granted.access_token)).active, true);
    const exchanged = await openid.genericGrantRequest(config, tokenExchange, exchangeOf(granted.access_token));
    assert.equal((await openid.tokenIntrospection(config, exchanged.access_token)).aud, 'billing');
    await openid.tokenRevocation(config, granted.access_token);
    assert.equal((await openid.tokenIntrospection(config, granted.access_token)).active, false);
    const renewed = await openid.refreshTokenGrant(
        await openid.discovery(issuer, id, undefined, openid.None(), options), refreshToken);
    assert.ok(renewed.expiresIn() > 0);
  },

  // Verifies each token of its input. It looks the keys up only once, so a new key must have been there before.
  async jose() {
    const {createRemoteJWKSet, jwtVerify} = await import('jose');
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer), {cooldownDuration: Infinity});
    for await (const token of createInterface({input: process.stdin})) {
      const {protectedHeader} =
          await jwtVerify(token, keys, {issuer: process.env.ISSUER, audience, typ: 'at+jwt'});
      console.log(protectedHeader.kid);
    }
  },

  async 'jwks-rsa'() {
    const {default: jwks} = await import('jwks-rsa');
    const keys = jwks({jwksUri: new URL('/.well-known/jwks.json', issuer).href});
    for await (const token of createInterface({input: process.stdin})) {
      const [header, payload, signature] = token.split('.');
      const {kid} = JSON.parse(Buffer.from(header, 'base64url'));
      const key = await keys.getSigningKey(kid);
      assert.ok(
          verify(null, Buffer.from(`${header}.${payload}`), key.getPublicKey(), Buffer.from(signature, 'base64url')));
      console.log(kid);
    }
  },
};

await libraries[process.argv[2]]();
