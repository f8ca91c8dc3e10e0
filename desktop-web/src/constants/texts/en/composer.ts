/** The composer. */
export const composer = {
  composer: 'Message',
  composerPlaceholder: 'Write a message…',
  composerOffline: 'Offline: messages are queued…',
  composerTooLong: 'Too long by {bytes} bytes.',
  send: 'Send',
  attach: 'Attach a file',
  uploading: 'Uploading: {percent} %',
  replyingTo: 'Reply to {name}',
  editing: 'Editing',
  cancelReply: 'Do not reply',
  cancelEdit: 'Do not edit',
  composerNotMember: 'You are no longer in this group.',
  composerReadOnly: 'Only the operator writes here.',
  composerSilencedAll: 'Only admins write in this group.',
  composerSilenced: 'You may not write until {time}.',
} as const;
