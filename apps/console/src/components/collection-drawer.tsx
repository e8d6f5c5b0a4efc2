import { Drawer } from '@mantine/core';
import { useState } from 'react';
import { CollectionPanel } from './collection-panel.js';

/** One collection in detail beside the list; without a name it is closed. */
export function CollectionDrawer({ name, onClose }: { name: string | null; onClose: () => void }) {
  const [shown, setShown] = useState(name);
  // While the drawer slides out it still shows what it held.
  if (name !== null && name !== shown) setShown(name);
  return (
    <Drawer
      opened={name !== null}
      onClose={onClose}
      position="right"
      size="34rem"
      padding="lg"
      title={<span className="monospace">{shown}</span>}
      closeButtonProps={{ 'aria-label': 'Close the detail' }}
      styles={{ title: { fontWeight: 600, fontSize: 'var(--mantine-font-size-lg)' } }}
    >
      {shown !== null && <CollectionPanel key={shown} name={shown} />}
    </Drawer>
  );
}
