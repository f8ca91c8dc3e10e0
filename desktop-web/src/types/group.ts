export type {
  Group,
  GroupChange,
  JoinPolicyName as GroupJoinPolicy,
  JoinRequest,
  Member,
  NewGroup,
  RoleName as GroupRole,
} from './generated/rest';
