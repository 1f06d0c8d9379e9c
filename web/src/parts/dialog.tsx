// The browser's own modal dialog: it keeps the focus inside, closes on Escape, and gives the focus back.
import { useEffect, useId, useState, type ReactNode } from 'react';

export interface DialogProps {
  title: string;
  /** It is closed: the one who shows it takes it away. */
  onClose: () => void;
  /** Something was written that would be lost: Escape asks first. */
  isWritten?: boolean;
  children: (close: () => void) => ReactNode;
}

export function Dialog({ title, onClose, isWritten = false, children }: DialogProps) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  const [isWarned, setWarned] = useState(false);
  const heading = useId();
  useEffect(() => {
    if (dialog && !dialog.open) dialog.showModal();
  }, [dialog]);
  // Closed by itself and only then taken away, since a dialog that is taken away open does not give the focus back.
  const close = (): void => dialog?.close();
  const warn = (event: React.SyntheticEvent): void => {
    if (!isWritten || isWarned) return;
    event.preventDefault();
    setWarned(true);
  };
  return (
    <dialog
      ref={setDialog}
      aria-labelledby={heading}
      onCancel={warn}
      onInput={() => setWarned(false)}
      onClose={onClose}
    >
      <h2 id={heading}>{title}</h2>
      {children(close)}
      <p role="alert" className="refusal">
        {isWarned && 'What you wrote is not saved. Escape once more, and it is gone.'}
      </p>
    </dialog>
  );
}
