import { Skeleton, Text } from '@mantine/core';
import { toProblem } from '../api/problem.js';
import { useCollection } from '../api/use-collection.js';
import { CollectionFacts } from './collection-facts.js';
import { IndexList } from './index-list.js';
import { LifecycleSection } from './lifecycle-section.js';
import { PanelSection } from './panel-section.js';
import { ProblemNotice } from './problem-notice.js';
import { StateHistory } from './state-history.js';

export function CollectionPanel({ name }: { name: string }) {
  const { data: collection, error } = useCollection(name);
  if (!collection)
    return error ? <ProblemNotice problem={toProblem(error)} /> : <Skeleton height={320} role="status" />;
  return (
    <div data-testid="detail" data-collection={name} data-current={collection.state}>
      <Text size="sm" className="quiet" mb="md">
        {collection.purpose}
      </Text>
      <CollectionFacts collection={collection} />
      <PanelSection title="Lifecycle">
        <LifecycleSection collection={collection} />
      </PanelSection>
      <PanelSection title={`Indexes (${collection.indexes.length})`}>
        <IndexList indexes={collection.indexes} />
      </PanelSection>
      <PanelSection title="State history">
        <StateHistory history={collection.history} />
      </PanelSection>
    </div>
  );
}
