import { defineQuery, withinTime, type TimeRange } from '@infratraq/kernel';
import { MlTrainingDataset, type DatasetSplit } from './ml-training-dataset.js';

/** Which part of a dataset version. */
export interface DatasetSelection {
  readonly dataset: string;
  readonly dataset_version: number;
  readonly split: DatasetSplit;
}

/** The chunks of one part of a dataset version, in order. */
export const listDatasetChunks = defineQuery(MlTrainingDataset, {
  example: { dataset: 'delay_risk', dataset_version: 1, split: 'train' },
  shape: ({ dataset, dataset_version, split }: DatasetSelection) => ({
    filter: { dataset, dataset_version, split },
    sort: { chunk: 1 },
  }),
});

/** The first training chunk of each dataset version, the newest first. */
export const listRecentDatasets = defineQuery(MlTrainingDataset, {
  example: {},
  shape: (range: TimeRange) => ({
    filter: { chunk: 0, split: 'train', ...withinTime('created_at', range) },
    sort: { created_at: -1 },
  }),
});
