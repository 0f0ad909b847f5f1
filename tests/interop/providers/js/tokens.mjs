// Makes keys and signs ID tokens with jose.
//
//   node tokens.mjs KEYS
//
// KEYS is a JSON list of `{kid, alg}`. Prints the public keys as a JWK set in one line. Then it reads requests, one JSON
// object each line, and prints a token for each:
//
//   {claims, header, key}      signed by the key with this index
//   {claims, header, secret}   signed by HMAC with this text
//   {claims}                   without a signature
import {createInterface} from 'node:readline';
import {CompactSign, exportJWK, generateKeyPair, UnsecuredJWT} from 'jose';

const keys = await Promise.all(JSON.parse(process.argv[2]).map(async ({kid, alg}) => {
  const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true});
  return {privateKey, jwk: {...await exportJWK(publicKey), kid, alg, use: 'sig'}};
}));
console.log(JSON.stringify({keys: keys.map(({jwk}) => jwk)}));

const utf8 = new TextEncoder();
for await (const line of createInterface({input: process.stdin})) {
  const {claims, header, key, secret} = JSON.parse(line);
  if (key === undefined && secret === undefined) {
    console.log(new UnsecuredJWT(claims).encode());
  } else {
    const signing = secret === undefined ? keys[key].privateKey : utf8.encode(secret);
    console.log(await new CompactSign(utf8.encode(JSON.stringify(claims))).setProtectedHeader(header).sign(signing));
  }
}
