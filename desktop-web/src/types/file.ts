/** What the server knows of an uploaded file, and where it is for some minutes. */
export interface FileInfo {
  readonly fileId: string;
  readonly name: string;
  /** Seen in the content. */
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Pixels; null of what is no picture. */
  readonly width: number | null;
  readonly height: number | null;
  /** Needs no token until `urlExpiresAt`. */
  readonly url: string;
  readonly thumbnailUrl: string | null;
  /** Milliseconds since 1970; null: for ever. */
  readonly urlExpiresAt: number | null;
}
