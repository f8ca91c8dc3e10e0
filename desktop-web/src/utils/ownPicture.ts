/** Files of the own server, and what was just chosen here. A picture elsewhere would tell a stranger who looks at whom. */
const OWN = /^(\/api\/v1\/files\/|blob:)/;

/** The address of a picture if it may be shown, or ''. */
export function ownPicture(address: string | undefined): string {
  return address && OWN.test(address) ? address : '';
}
