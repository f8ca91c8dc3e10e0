/** Files of the own server. A picture elsewhere would tell a stranger who looks at whom, so it is not shown. */
const OWN_FILES = '/api/v1/files/';

/** The address of a picture if it may be shown, or ''. */
export function ownPicture(address: string | undefined): string {
  return address?.startsWith(OWN_FILES) ? address : '';
}
