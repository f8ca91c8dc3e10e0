import { describe, expect, it } from 'vitest';
import { SEEDS, seededRandom } from '@/test/random';
import { golden } from '@/test/golden';
import { asClientMessageId, asConversationId, asUserId } from '@/types/ids';
import { CloseCode, Code, EntryType, isCountable, mayReconnect, mayRetry } from './codes';
import { MalformedFrame, decode } from './decode';
import { encode } from './encode';
import { FrameDecoder, withLength } from './frameDecoder';
import { MAX_FRAME } from './limits';
import { createUuid, formatUuid, parseUuid } from './uuid';

describe('a frame', () => {
  /** [F1] */
  it('without the identifier is refused', () => {
    const bytes = golden('kick').slice();
    bytes[4] = 0;
    expect(() => decode(bytes)).toThrow(MalformedFrame);
  });

  it('that is too short or over the limit is refused before it is read', () => {
    expect(() => decode(new Uint8Array(7))).toThrow(MalformedFrame);
    expect(() => decode(new Uint8Array(MAX_FRAME + 1))).toThrow(MalformedFrame);
  });

  it.each(SEEDS)('of random bytes is never anything but a frame or refused (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const bytes = Uint8Array.from({ length: 8 + Math.floor(random() * 200) }, () =>
      Math.floor(random() * 256),
    );
    bytes.set([0x49, 0x4d, 0x46, 0x31], 4);
    try {
      expect(decode(bytes).body.kind).toBeTypeOf('string');
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedFrame);
    }
  });

  it('with the longest request fits the limit', () => {
    const messages = Array.from({ length: 5 }, (_, index) => ({
      clientMessageId: createUuid(index),
      type: EntryType.Text,
      text: '禾'.repeat(2_730),
      replyToSeq: 7,
      mentions: Array.from({ length: 32 }, (_, user) => asUserId(String(user))),
    }));
    const body = {
      kind: 'userMessage',
      conversationId: asConversationId('1'),
      messages,
      retry: true,
    } as const;
    expect(encode(1, body).length).toBeLessThan(MAX_FRAME);
  });
});

/** [F2] */
describe('the frame decoder', () => {
  it.each(SEEDS)('gives the same frames however the bytes are cut (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const frames = Array.from({ length: 20 }, (_, index) =>
      new Uint8Array(1 + Math.floor(random() * 300)).fill(index),
    );
    const stream = frames.flatMap((frame) => Array.from(withLength(frame)));
    const decoder = new FrameDecoder();
    const received: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const end = at + 1 + Math.floor(random() * 97);
      received.push(...decoder.push(Uint8Array.from(stream.slice(at, end))));
      at = end;
    }
    expect(received).toEqual(frames);
  });

  /** [F3] */
  it.each([0, MAX_FRAME + 1, 0xffff_ffff])('refuses a length of %i before the frame is there', (length) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    expect(() => new FrameDecoder().push(bytes)).toThrow(MalformedFrame);
  });
});

describe('a UUID', () => {
  it('survives the wire', () => {
    const id = asClientMessageId('019b7ca9-8f2e-7abc-8000-000000000001');
    expect(formatUuid(parseUuid(id))).toBe(id);
  });

  it('made here has version 7, the variant and the time', () => {
    const id = createUuid(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('with the extreme random bytes keeps its form', () => {
    expect(createUuid(1, new Uint8Array(10).fill(255))).toBe('00000000-0001-7fff-bfff-ffffffffffff');
    expect(createUuid(1, new Uint8Array(10))).toBe('00000000-0001-7000-8000-000000000000');
  });

  it('that is none is refused', () => {
    expect(() => parseUuid('no')).toThrow(SyntaxError);
  });
});

describe('the codes', () => {
  /** [S6] */
  it('say by their range whether to connect again', () => {
    expect(mayReconnect(CloseCode.SlowConsumer)).toBe(true);
    expect(mayReconnect(4499)).toBe(true);
    expect(mayReconnect(CloseCode.ProtocolError)).toBe(false);
  });

  /** [M3] */
  it('allow a retry after RetryLater and Unavailable only', () => {
    const codes = Object.values(Code).filter((code): code is Code => typeof code === 'number');
    expect(codes.filter(mayRetry)).toEqual([Code.Unavailable, Code.RetryLater]);
  });

  it('count messages and leave edits and reactions out', () => {
    expect(isCountable(EntryType.Text)).toBe(true);
    expect(isCountable(EntryType.Edit)).toBe(false);
    expect(isCountable(EntryType.Unknown)).toBe(false);
  });
});
