import { Builder } from 'flatbuffers';
import * as wire from './generated/im/message';
import type { ClientMessageId, UserId } from '@/types/ids';
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
      const messages = body.messages.map(
        ({ clientMessageId, type, text, replyToSeq, mentions }) =>
          new wire.OutgoingMessageT(
            uuid(clientMessageId),
            type,
            bytes(text),
            BigInt(replyToSeq),
            users(mentions),
          ),
      );
      return [
        wire.Body.UserMessage,
        new wire.UserMessageT(conversation, 0n, messages, body.retry),
        conversation,
      ];
    }
    case 'messageEdit': {
      const conversation = BigInt(body.conversationId);
      const table = new wire.MessageEditT(
        conversation,
        BigInt(body.targetSeq),
        uuid(body.clientMessageId),
        bytes(body.text),
        users(body.mentions),
      );
      return [wire.Body.MessageEdit, table, conversation];
    }
    case 'messageRecall': {
      const conversation = BigInt(body.conversationId);
      const table = new wire.MessageRecallT(conversation, BigInt(body.targetSeq), uuid(body.clientMessageId));
      return [wire.Body.MessageRecall, table, conversation];
    }
    case 'messageReaction': {
      const conversation = BigInt(body.conversationId);
      const table = new wire.MessageReactionT(
        conversation,
        BigInt(body.targetSeq),
        uuid(body.clientMessageId),
        body.reaction,
        body.remove,
      );
      return [wire.Body.MessageReaction, table, conversation];
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
        new wire.SyncRequestT(
          BigInt(body.after?.conversationId ?? 0),
          cursors,
          BigInt(body.after?.activity ?? 0),
          BigInt(body.since),
          body.entriesOnly,
        ),
        0n,
      ];
    }
    case 'historyRequest': {
      const conversation = BigInt(body.conversationId);
      const direction = body.direction === 'forward' ? wire.Direction.Forward : wire.Direction.Backward;
      const table = new wire.HistoryRequestT(conversation, BigInt(body.seq), direction, body.limit);
      return [wire.Body.HistoryRequest, table, conversation];
    }
    case 'follow':
      return [wire.Body.Follow, new wire.FollowT(BigInt(body.conversationId), body.ended), 0n];
    case 'typing': {
      const conversation = BigInt(body.conversationId);
      return [wire.Body.Typing, new wire.TypingT(conversation), conversation];
    }
    case 'conversationOpen':
      return [wire.Body.ConversationOpen, new wire.ConversationOpenT(BigInt(body.peerId)), 0n];
    case 'conversationSet': {
      const conversation = BigInt(body.conversationId);
      const table = new wire.ConversationSetT(conversation, body.setting, BigInt(body.value), body.text);
      return [wire.Body.ConversationSet, table, conversation];
    }
    case 'receiptRequest': {
      const conversation = BigInt(body.conversationId);
      const after = BigInt(body.afterUserId ?? 0);
      const table = new wire.ReceiptRequestT(conversation, BigInt(body.seq), after, body.limit);
      return [wire.Body.ReceiptRequest, table, conversation];
    }
    case 'searchRequest': {
      const conversation = BigInt(body.conversationId ?? 0);
      const before = BigInt(body.beforeMessageId ?? 0);
      const table = new wire.SearchRequestT(body.query, conversation, before, body.limit);
      return [wire.Body.SearchRequest, table, 0n];
    }
    case 'pushSubscribe': {
      const { deviceId, endpoint, p256dh, auth, hideContent } = body;
      return [
        wire.Body.PushSubscribe,
        new wire.PushSubscribeT(deviceId, endpoint, p256dh, auth, hideContent),
        0n,
      ];
    }
    case 'pushUnsubscribe':
      return [wire.Body.PushUnsubscribe, new wire.PushUnsubscribeT(body.deviceId), 0n];
    case 'presenceSet':
      return [wire.Body.PresenceSet, new wire.PresenceSetT(body.invisible), 0n];
  }
}

function uuid(id: ClientMessageId): wire.UuidT {
  const { high, low } = parseUuid(id);
  return new wire.UuidT(high, low);
}

function bytes(text: string): number[] {
  return Array.from(utf8.encode(text));
}

function users(ids: readonly UserId[]): bigint[] {
  return ids.map((id) => BigInt(id));
}
