import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './confirmation.module.css';
import { useOpener } from './use-opener.js';

/** Asks whether something should really be done; `name` tells its parts apart in tests. */
export function Confirmation({
  name,
  title,
  submit,
  isOpen,
  isPending,
  onConfirm,
  onClose,
  children,
}: {
  name: string;
  title: string;
  submit: string;
  isOpen: boolean;
  isPending: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} {...useOpener(isOpen)}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title className={styles.title}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>
          <form
            data-testid={`${name}-form`}
            onSubmit={(event) => {
              event.preventDefault();
              onConfirm();
            }}
          >
            {children}
            <Group mt="md">
              <Button type="submit" size="sm" loading={isPending} data-testid={`confirm-${name}`}>
                {submit}
              </Button>
              <Button size="sm" variant="default" onClick={onClose}>
                Cancel
              </Button>
            </Group>
          </form>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
