import { MalformedFrame } from './decode';
import { MAX_FRAME } from './limits';

const LENGTH_BYTES = 4;

/** Cuts a byte stream into frames: 4 bytes of length, big-endian, without itself, then the frame ([F2]). */
export class FrameDecoder {
  private buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** Takes the next bytes of the stream and gives the frames that are complete. Throws MalformedFrame ([F3]). */
  push(chunk: Uint8Array): Uint8Array[] {
    this.append(chunk);
    const frames: Uint8Array[] = [];
    let start = 0;
    while (this.buffer.length - start >= LENGTH_BYTES) {
      const length = new DataView(this.buffer.buffer, this.buffer.byteOffset + start).getUint32(0);
      // Checked before anything waits for that many bytes.
      if (length === 0 || length > MAX_FRAME) throw new MalformedFrame(`a length of ${length}`);
      const end = start + LENGTH_BYTES + length;
      if (this.buffer.length < end) break;
      frames.push(this.buffer.slice(start + LENGTH_BYTES, end));
      start = end;
    }
    this.buffer = this.buffer.slice(start);
    return frames;
  }

  private append(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.buffer.length + chunk.length);
    joined.set(this.buffer);
    joined.set(chunk, this.buffer.length);
    this.buffer = joined;
  }
}

/** Gives a frame with its length in front. */
export function withLength(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, LENGTH_BYTES);
  return bytes;
}
