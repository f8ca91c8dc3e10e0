import { Builder } from 'flatbuffers';
import * as wire from './generated/im/message';
import { EntryType } from './codes';
import type { Outgoing } from './frames';
import { parseUuid } from './uuid';

const utf8 = new TextEncoder();

type FrameBody = NonNullable<wire.FrameT['body']>;

/** Gives the FlatBuffers buffer of a frame, without a length ([F1], [F2]). `requestId` is not 0 ([F6]). */
export function encode(requestId: number, body: Outgoing): Uint8Array {
  const [type, table, route] = toTable(body);
  const builder = new Builder(256);
  const frame = new wire.FrameT(BigInt(requestId), route, null, type, table);
  wire.Frame.finishFrameBuffer(builder, frame.pack(builder));
  return builder.asUint8Array();
}

/** The union member, its table, and the conversation as a hint for affinity (0: none). */
function toTable(body: Outgoing): [wire.Body, FrameBody, bigint] {
  switch (body.kind) {
    case 'authRequest':
      return [
        wire.Body.AuthRequest,
        new wire.AuthRequestT(body.token, body.deviceId, body.platform, body.clientVersion),
        0n,
      ];
    case 'heartbeat':
      return [wire.Body.Heartbeat, new wire.HeartbeatT(BigInt(body.clientTime)), 0n];
    case 'reauth':
      return [wire.Body.Reauth, new wire.ReauthT(body.token), 0n];
    case 'userMessage': {
      const conversation = BigInt(body.conversationId);
      const messages = body.messages.map(({ clientMessageId, text }) => {
        const { high, low } = parseUuid(clientMessageId);
        return new wire.OutgoingMessageT(
          new wire.UuidT(high, low),
          EntryType.Text,
          Array.from(utf8.encode(text)),
        );
      });
      return [
        wire.Body.UserMessage,
        new wire.UserMessageT(conversation, 0n, messages, body.retry),
        conversation,
      ];
    }
    case 'conversationRead': {
      const conversation = BigInt(body.conversationId);
      return [
        wire.Body.ConversationRead,
        new wire.ConversationReadT(conversation, BigInt(body.seq)),
        conversation,
      ];
    }
    case 'messageDelivered': {
      const conversation = BigInt(body.conversationId);
      return [
        wire.Body.MessageDelivered,
        new wire.MessageDeliveredT(conversation, BigInt(body.seq)),
        conversation,
      ];
    }
    case 'syncRequest': {
      const cursors = body.cursors.map(
        (cursor) => new wire.CursorT(BigInt(cursor.conversationId), BigInt(cursor.seq)),
      );
      return [
        wire.Body.SyncRequest,
        new wire.SyncRequestT(BigInt(body.afterConversationId ?? 0), cursors),
        0n,
      ];
    }
    case 'historyRequest': {
      const conversation = BigInt(body.conversationId);
      const direction = body.direction === 'forward' ? wire.Direction.Forward : wire.Direction.Backward;
      const table = new wire.HistoryRequestT(conversation, BigInt(body.seq), direction, body.limit);
      return [wire.Body.HistoryRequest, table, conversation];
    }
    case 'conversationOpen':
      return [wire.Body.ConversationOpen, new wire.ConversationOpenT(BigInt(body.peerId)), 0n];
  }
}
