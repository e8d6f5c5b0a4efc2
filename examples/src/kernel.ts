// Where data belongs, and how a policy says no.
import { between, days, decide, DefinitionError, formatRetention, narrowRetention } from '@infratraq/kernel';

const requestLog = decide(['append-only', 'flexible-payload', 'ttl-expiry']);
console.log(`a request log belongs in ${requestLog.store}: ${requestLog.reasons.join(', ')}`);

const payments = decide(['financial-data', 'nested-fields']);
console.log(`payments belong in ${payments.store}: ${payments.reasons.join(', ')}`);
for (const { rule } of payments.violations)
  console.log(`in the document store they would break a rule: ${rule}`);

const policy = between(days(30), days(90));
console.log(`narrowed: ${formatRetention(narrowRetention('api_request_log', policy, days(60)))}`);
try {
  narrowRetention('api_request_log', policy, days(365));
} catch (error) {
  if (!(error instanceof DefinitionError)) throw error;
  console.log(`refused (${error.code}): ${error.message}`);
}
