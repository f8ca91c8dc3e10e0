/** There is no token and none can be had: the user has to sign in again. */
export class CredentialsExpired extends Error {
  override readonly name = 'CredentialsExpired';
}
