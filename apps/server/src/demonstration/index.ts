import type { Feature } from '../feature.js';
import { loadDemonstration } from './load-demonstration.js';
import { loadDemonstrationDocuments, type DemonstrationNeeds } from './load-documents.js';

/** Fills the embedded databases while they are empty. */
export const demonstration: Feature<DemonstrationNeeds, object> = {
  open: async (platform, needs) => {
    if (platform.isEmbedded && (await loadDemonstration(platform.postgres)))
      await loadDemonstrationDocuments(platform, needs);
    return { services: {} };
  },
};
