import { asClientMessageId, type ClientMessageId } from '@/types/ids';

/** A UUID as the wire carries it: two big-endian halves. */
export interface UuidHalves {
  readonly high: bigint;
  readonly low: bigint;
}

const HALF_DIGITS = 16;

/**
 * Makes a UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits. Ids of one device rise with time, which keeps the
 * server's index local; nothing depends on their order.
 */
export function createUuid(
  now: number,
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(10)),
): ClientMessageId {
  const at = (index: number) => BigInt(random[index] ?? 0);
  const high = (BigInt(now) << 16n) | 0x7000n | (((at(0) & 0x0fn) << 8n) | at(1));
  let low = 0x80n | (at(2) & 0x3fn);
  for (let index = 3; index < 10; index += 1) low = (low << 8n) | at(index);
  return formatUuid({ high, low });
}

/** When a UUIDv7 was made, milliseconds since 1970 by the clock of who made it. */
export function createdAtOf(id: ClientMessageId): number {
  return Number(parseUuid(id).high >> 16n);
}

export function formatUuid({ high, low }: UuidHalves): ClientMessageId {
  const digits = high.toString(16).padStart(HALF_DIGITS, '0') + low.toString(16).padStart(HALF_DIGITS, '0');
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return asClientMessageId(parts.join('-'));
}

/** Throws a SyntaxError when the text is not a UUID. */
export function parseUuid(text: string): UuidHalves {
  const digits = text.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new SyntaxError('not a UUID');
  return { high: BigInt(`0x${digits.slice(0, HALF_DIGITS)}`), low: BigInt(`0x${digits.slice(HALF_DIGITS)}`) };
}
