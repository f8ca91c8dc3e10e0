/** The one place where an unexpected error is logged: something that no one is told about on the screen. */
export function report(what: string, error: unknown): void {
  console.error(`im-rs: ${what}`, error);
}
