import { useFeedbackStore } from '@/stores/feedbackStore';
import { ConfirmDialog } from './ConfirmDialog';
import { ToastList } from './ToastList';

/** Toasts and questions over whatever page there is. */
export function Feedback() {
  const confirmations = useFeedbackStore((state) => state.confirmations);
  return (
    <>
      <ToastList />
      {confirmations.map((confirmation) => (
        <ConfirmDialog key={confirmation.key} confirmation={confirmation} />
      ))}
    </>
  );
}
