// A text in JSON, and whether it is followed by a colon: then it is the name of a member.
const text = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Parses JSON. Throws if an object has two members of the same name: others could take another one than we do. */
export function parseJson(json: string): unknown {
  let kept = 0;
  const value: unknown = JSON.parse(json, (_, part: unknown) => {
    if (typeof part === "object" && part !== null && !Array.isArray(part)) kept += Object.keys(part).length;
    return part;
  });
  const written = [...json.matchAll(text)].filter(([, colon]) => colon !== undefined).length;
  if (written !== kept) throw new SyntaxError("two members of an object have the same name");
  return value;
}
