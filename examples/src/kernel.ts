// The decision framework says which store data belongs in, and a policy bounds what a deployment may choose.
import { between, days, decide, formatRetention, narrowRetention } from '@infratraq/kernel';

const payments = decide(['financial-data', 'nested-fields']);
console.log(`payments belong in ${payments.store}: ${payments.reasons.join(', ')}`);
for (const { rule } of payments.violations) console.log(`in MongoDB they would break a rule: ${rule}`);

const retention = between(days(30), days(90));
console.log(`kept ${formatRetention(narrowRetention('api_request_log', retention, days(60)))}`);
