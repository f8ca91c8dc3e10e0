export type {
  Blocked,
  Device,
  OwnProfile,
  Privacy,
  PrivacyUpdate,
  ProfileUpdate,
} from './generated/rest';
