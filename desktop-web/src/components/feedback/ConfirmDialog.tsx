import { useState } from 'react';
import { Modal } from '@/components/ant/parts';
import shared from '@/theme/shared.module.css';
import { endConfirmation, type Confirmation } from '@/stores/feedbackStore';
import { report } from '@/utils/report';

interface ConfirmDialogProps {
  readonly confirmation: Confirmation;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ confirmation }: ConfirmDialogProps) {
  const { key, title, content, okText, cancelText, okButtonProps = {}, onOk, onCancel } = confirmation;
  const [isPending, setIsPending] = useState(false);
  const act = async () => {
    setIsPending(true);
    try {
      await onOk();
      endConfirmation(key);
    } catch (error) {
      report('what was confirmed did not work', error);
      setIsPending(false);
    }
  };
  const cancel = () => {
    onCancel?.();
    endConfirmation(key);
  };
  return (
    <Modal
      open
      width={416}
      closable={false}
      title={title}
      okText={okText}
      cancelText={cancelText}
      okButtonProps={{ ...okButtonProps, className: (okButtonProps.danger && shared.dangerous) || '' }}
      confirmLoading={isPending}
      onOk={() => void act()}
      onCancel={cancel}
    >
      {content}
    </Modal>
  );
}
