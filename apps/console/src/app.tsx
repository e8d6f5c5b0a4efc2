import { TokenNeeded } from './api/session.js';
import { useLiveOverview } from './api/use-live-overview.js';
import { Failure } from './components/failure.js';
import { Loading } from './components/loading.js';
import { Overview } from './components/overview.js';
import { TokenForm } from './components/token-form.js';

/** Decides which of its few faces the console shows. */
export function App() {
  const { data, error, refetch } = useLiveOverview();
  if (error instanceof TokenNeeded)
    return <TokenForm refused={error.refused} onToken={() => void refetch()} />;
  if (data) return <Overview live={data} error={error} />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return <Loading />;
}
