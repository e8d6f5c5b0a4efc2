export { isSecretName, redacted, redactForm, redactJson, redactText } from '@infratraq/kernel';
