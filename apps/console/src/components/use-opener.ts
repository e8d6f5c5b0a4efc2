import { useLayoutEffect, useRef } from 'react';

/**
 * Gives the focus back to what had it before a dialog opened. Mantine's own return of focus looks for that after the
 * dialog may have taken the focus already.
 */
export function useOpener(isOpen: boolean) {
  const opener = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (isOpen) opener.current = document.activeElement;
  }, [isOpen]);
  return {
    returnFocus: false,
    onExitTransitionEnd: () => {
      if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
    },
  };
}
