import { Button, Modal, type ButtonProps, type ModalProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

export interface DialogButtonProps extends Omit<ButtonProps, 'children'> {
  readonly label: string;
  /** Tells buttons of several rows apart to those who do not see the rows. */
  readonly of?: string;
  readonly title: string;
  readonly dialogSize?: NonNullable<ModalProps['size']>;
  /** What the dialog shows; it begins anew each time it is opened. */
  readonly children: (close: () => void) => ReactNode;
}

export function DialogButton({ label, of, title, dialogSize = 'lg', children, ...button }: DialogButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        {...button}
        onClick={open}
        {...(of === undefined ? {} : { 'aria-label': `${label} ${of}` })}
      >
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title} size={dialogSize}>
        {children(close)}
      </Modal>
    </>
  );
}
