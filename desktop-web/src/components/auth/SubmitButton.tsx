import { Button } from 'antd';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';

interface SubmitButtonProps {
  readonly label: string;
  readonly pending: boolean;
  /** Seconds until the server takes another attempt; 0: now. */
  readonly waitSeconds: number;
}

/** The one primary action of a form. Disabled only while it is under way or has to wait. */
export function SubmitButton({ label, pending, waitSeconds }: SubmitButtonProps) {
  return (
    <Button
      type="primary"
      htmlType="submit"
      size="large"
      block
      className={shared.primary ?? ''}
      loading={pending}
      disabled={pending || waitSeconds > 0}
    >
      {waitSeconds > 0 ? t('waitSeconds', { seconds: waitSeconds }) : label}
    </Button>
  );
}
