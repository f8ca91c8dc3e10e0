import { useNavigate } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useSearchStore } from '@/stores/searchStore';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';

interface SearchButtonProps {
  readonly conversationId: ConversationId;
}

/** Opens the search for the messages of a chat. */
export function SearchButton({ conversationId }: SearchButtonProps) {
  const navigate = useNavigate();
  const isSmall = useMediaQuery('(max-width: 639px)');
  const open = useSearchStore((state) => state.open);
  return (
    <IconButton
      icon="search"
      label={t('searchInChat')}
      onClick={() => {
        open(conversationId);
        // A small screen shows a chat in place of the list.
        if (isSmall) void navigate('/chats');
      }}
    />
  );
}
