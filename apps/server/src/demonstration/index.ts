import type { PreferenceServices } from '@infratraq/preferences';
import type { ChatServices } from '../chat/index.js';
import type { CommentServices } from '../comments/index.js';
import type { Feature } from '../feature.js';
import type { InsightServices } from '../insight/index.js';
import { loadDemonstration } from './load-demonstration.js';
import { loadDemonstrationDocuments } from './load-documents.js';

/** What the demonstration is loaded with. */
export interface DemonstrationNeeds {
  readonly chat: ChatServices;
  readonly comments: CommentServices;
  readonly insight: InsightServices;
  readonly preferences: PreferenceServices;
}

/** Fills the embedded databases while they are empty. */
export const demonstration: Feature<DemonstrationNeeds, object> = {
  open: async (platform, needs) => {
    if (platform.isEmbedded && (await loadDemonstration(platform.postgres)))
      await loadDemonstrationDocuments(platform, needs);
    return { services: {} };
  },
};
