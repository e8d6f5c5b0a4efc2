import { expect, it } from '@jest/globals';
import { findDocumentSequence } from './document-sequence.js';

it('the driver can be given documents that are BSON already', () => {
  expect(findDocumentSequence()).toBeDefined();
});
