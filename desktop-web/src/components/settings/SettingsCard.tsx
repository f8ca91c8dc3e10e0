import type { ReactNode } from 'react';
import { Card } from '@/components/common/Card';
import { Icon } from '@/components/common/Icon';
import type { IconName } from '@/constants/icons';

interface SettingsCardProps {
  /** Its place in the addresses of the page: `/settings/{section}`. */
  readonly section: string;
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
}

/** The id of the heading of a section, to go to it. */
export function headingId(section: string): string {
  return `settings-${section}`;
}

/** A titled part of the settings, which can be gone to. */
export function SettingsCard({ section, icon, title, children }: SettingsCardProps) {
  return (
    <Card
      headingId={headingId(section)}
      title={
        <>
          <Icon name={icon} />
          {title}
        </>
      }
    >
      {children}
    </Card>
  );
}
