import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTemplate, fillIn } from "../src/template.js";

test("text and integers fill in a template", () => {
  assert.equal(fillIn("orgs/{org}/posts/{post.id}", { org: "acme", post: { id: "p-1" } }), "orgs/acme/posts/p-1");
  assert.equal(fillIn("orgs/{number}", { number: 7n }), "orgs/7");
  assert.equal(fillIn("orgs/{number}", { number: 7 }), "orgs/7");
  assert.equal(fillIn("orgs", {}), "orgs");
});

test("a value that is no segment is refused", () => {
  for (const org of [
    "",
    ".",
    "..",
    "a/b",
    "a b",
    "ä",
    "a\n",
    "%2e",
    "x".repeat(129),
    1.5,
    NaN,
    true,
    ["a"],
    {},
    null,
  ]) {
    assert.equal(fillIn("orgs/{org}", { org }), undefined, String(org));
  }
  assert.equal(fillIn("orgs/{org}", { org: "x".repeat(128) }), `orgs/${"x".repeat(128)}`);
});

test("a missing value is refused", () => {
  for (const fields of [{}, { org: undefined }, undefined, null, "text"]) {
    assert.equal(fillIn("orgs/{org.id}", fields), undefined);
  }
});

test("inherited members are no fields", () => {
  assert.equal(fillIn("orgs/{org}", Object.create({ org: "acme" })), undefined);
  assert.equal(fillIn("orgs/{name.length}", { name: "acme" }), undefined);
});

test("a malformed template is found when the rule is made", () => {
  for (const template of [
    ...["orgs/{org", "orgs//x", "/orgs", "orgs/", "orgs/{}", "orgs/{a..b}", "orgs/..", "a b"],
    ...["orgs/p-{number}", "orgs/{a}{b}", "orgs\n", Array(33).fill("x").join("/")],
  ]) {
    assert.throws(() => checkTemplate(template), TypeError, template);
  }
  for (const template of ["", "orgs", "orgs/{org}", "orgs/{org.id}/posts/{number}", Array(32).fill("x").join("/")]) {
    checkTemplate(template);
  }
});
