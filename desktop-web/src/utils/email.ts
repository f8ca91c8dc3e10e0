/** Characters at most, as the server has them. */
export const MAX_EMAIL = 254;

/** What the server takes for an address: something on both sides of one `@`. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}
