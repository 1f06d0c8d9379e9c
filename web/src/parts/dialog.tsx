// The browser's own modal dialog: it keeps the focus inside, closes on Escape, and gives the focus back.
import { useEffect, useId, useState, type ReactNode } from 'react';

export interface DialogProps {
  title: string;
  /** It is closed: the one who shows it takes it away. */
  onClose: () => void;
  children: (close: () => void) => ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  const heading = useId();
  useEffect(() => {
    if (dialog && !dialog.open) dialog.showModal();
  }, [dialog]);
  // Closed by itself and only then taken away, since a dialog that is taken away open does not give the focus back.
  const close = (): void => dialog?.close();
  return (
    <dialog ref={setDialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {children(close)}
    </dialog>
  );
}
