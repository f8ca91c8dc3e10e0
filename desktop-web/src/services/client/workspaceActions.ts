import { Setting } from '@/protocol/codes';
import type { Work } from './actions';
import type { Workspace } from './workspace';

/** What each action does with the parts of a workspace. */
export function workOf(workspace: Workspace): Work {
  const { engine, groups, messageSearch, people, pictures } = workspace;
  const { outgoing, history } = engine;
  return {
    sendText: (id, text, options) => workspace.sendText(id, text, options),
    sendFile: (id, file, options) => workspace.sendFile(id, file, options),
    editMessage: (id, seq, text, mentions, own) => outgoing.edit(id, seq, text, mentions, own),
    recallMessage: (id, seq, own) => outgoing.recall(id, seq, own),
    react: (id, seq, reaction, remove, own) => outgoing.react(id, seq, reaction, remove, own),
    resend: (own) => outgoing.resend(own),
    discard: (own) => outgoing.discard(own),
    uploadBlob: (own) => workspace.uploadBlob(own),
    keptPicture: (id, seq) => pictures.find(id, seq),
    keepPicture: (id, seq, address) => void pictures.keep(id, seq, address),

    openLog: (id, at) => workspace.page(history.open(id, at)),
    loadOlder: (id, before) => workspace.page(history.older(id, before)),
    loadNewer: (id, after) => workspace.page(history.newer(id, after)),
    loadQuotes: (id, seqs) => workspace.page(history.quotes(id, seqs)),

    pin: (id, pinned) => engine.set(id, Setting.Pin, pinned ? Date.now() : 0),
    mute: (id, until) => engine.set(id, Setting.Mute, until),
    archive: (id, archived) => engine.set(id, Setting.Archive, archived ? 1 : 0),
    hide: (id, seq) => engine.set(id, Setting.Hide, seq),
    receipts: (id, seq, after) => engine.receipts(id, seq, after),
    openConversation: (peerId) => workspace.openConversation(peerId),
    markRead: (id, seq) => engine.markRead(id, seq),
    typed: (id) => engine.typed(id),
    saveDraft: (id, text) => engine.saveDraft(id, text),

    createGroup: (group, picture) => workspace.createGroup(group, picture),
    loadGroup: (id) => groups.load(id),
    loadMembers: (id, after) => groups.loadMembers(id, after),
    groupFace: (id) => groups.face(id),
    joinGroup: (id, message) => workspace.joinGroup(id, message),
    updateGroup: (id, change) => groups.update(id, change),
    setGroupPicture: (id, picture) => groups.setPicture(id, picture),
    silenceMember: (id, userId, until) => groups.silence(id, userId, until),
    inviteToGroup: (id, userIds) => groups.invite(id, userIds),
    removeFromGroup: (id, userId) => groups.remove(id, userId),
    setGroupRole: (id, userId, role) => groups.setRole(id, userId, role),
    transferGroup: (id, userId) => groups.transfer(id, userId),
    answerJoinRequest: (id, userId, accept) => groups.answer(id, userId, accept),
    leaveGroup: (id) => groups.leave(id, workspace.userId),
    dissolveGroup: (id) => groups.dissolve(id),

    searchUsers: (query) => people.search(query),
    searchMessages: (query, scope) => messageSearch.find(query, scope),
    requestFriend: (userId, message) => people.request(userId, message),
    acceptRequest: (id) => people.accept(id),
    rejectRequest: (id) => people.reject(id),
    removeFriend: (friendId) => people.remove(friendId),
    setRemark: (friendId, remark) => people.setRemark(friendId, remark),
    block: (userId) => people.block(userId),
    unblock: (userId) => people.unblock(userId),
    loadBlocked: () => people.loadBlocked(),
    loadPerson: (userId) => people.loadPerson(userId),
    cancelRequest: (id) => people.cancelRequest(id),

    retryNow: () => workspace.retryNow(),
    connectAgain: () => workspace.connect(),
    measure: () => workspace.measure(),
    clearHistory: () => workspace.clearHistory(),
    pause: () => workspace.pause(),
  };
}
