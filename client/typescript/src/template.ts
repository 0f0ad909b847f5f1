// Templates of resources, such as "orgs/{org}/posts/{post.id}".

const segment = /^(?!\.{1,2}$)[A-Za-z0-9._~@-]{1,128}$/;
const placeholder = /\{(\w+(?:\.\w+)*)\}/g;
const wholePlaceholder = new RegExp(`^${placeholder.source}$`);
const maxSegments = 32;

/** Throws if the text is no template. */
export function checkTemplate(template: string): void {
  const parts = template === "" ? [] : template.split("/");
  if (parts.length > maxSegments || !parts.every((part) => segment.test(part) || wholePlaceholder.test(part))) {
    throw new TypeError(`"${template}" is no template of a resource`);
  }
}

/**
 * The resource with the values of the named fields. undefined if a value is missing or is no segment: a slash in it
 * would name another resource.
 */
export function fillIn(template: string, fields: unknown): string | undefined {
  let isComplete = true;
  const resource = template.replace(placeholder, (_, path: string) => {
    const value = textOf(path.split(".").reduce(member, fields));
    isComplete &&= segment.test(value);
    return value;
  });
  return isComplete ? resource : undefined;
}

// Only own members: "constructor" is no field.
function member(owner: unknown, name: string): unknown {
  return typeof owner === "object" && owner !== null && Object.hasOwn(owner, name)
    ? (owner as Record<string, unknown>)[name]
    : undefined;
}

// "" for what is neither text nor an integer.
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : "";
}
