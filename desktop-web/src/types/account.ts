export type {
  Blocked,
  Device,
  OwnProfile,
  Privacy,
  PrivacyUpdate,
  ProfileUpdate,
  SeenProfile,
} from './generated/rest';
