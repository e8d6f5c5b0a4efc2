#!/usr/bin/env node
// Checks an inclusion proof of the audit trail. It stands alone: Node's own modules, nothing of this product.
// Usage: node check-audit-proof.mjs proof.json [published-seal.json]
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [proofFile, sealFile] = process.argv.slice(2);
if (!proofFile) fail('usage: check-audit-proof.mjs proof.json [published-seal.json]', 2);
const proof = JSON.parse(readFileSync(proofFile, 'utf8'));
if (proof.format !== 'infratraq-inclusion-proof/1') fail(`unknown format ${proof.format}`);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
if (JSON.parse(proof.content)._id !== proof.change_id) fail('the content is that of another change');

// RFC 6962, section 2.1.1: the path leads from the leaf to the root.
let hash = sha256(Buffer.of(0), Buffer.from(proof.content, 'utf8'));
let index = proof.leaf_index;
let last = proof.tree_size - 1;
if (!(index >= 0 && index <= last)) fail('the leaf is outside of the tree');
for (const step of proof.path) {
  if (last === 0) fail('the path is too long');
  const other = Buffer.from(step, 'hex');
  if (index % 2 === 1 || index === last) {
    hash = sha256(Buffer.of(1), other, hash);
    while (index % 2 === 0 && index !== 0) [index, last] = [index >> 1, last >> 1];
  } else hash = sha256(Buffer.of(1), hash, other);
  [index, last] = [index >> 1, last >> 1];
}
if (last !== 0) fail('the path is too short');
if (hash.toString('hex') !== proof.seal.merkle_root) fail('the change is not under the seal');

if (sealFile) {
  const seal = JSON.parse(readFileSync(sealFile, 'utf8'));
  for (const field of ['sequence', 'merkle_root', 'previous_head', 'chain_head', 'sealed_at'])
    if (seal[field] !== proof.seal[field]) fail(`the published seal has another ${field}`);
}
console.log(`${proof.change_id} is under seal ${proof.seal.sequence} of ${proof.seal.sealed_at}`);

function fail(reason, code = 1) {
  console.error(`not proved: ${reason}`);
  process.exit(code);
}
