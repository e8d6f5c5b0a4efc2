import { textRule } from '@infratraq/kernel';
import { z } from 'zod';

/**
 * Schema of a text that people write, by the rule of `textRule`; the API description states its longest length in bytes.
 *
 * @example const title = plainText({ characters: 200 });
 */
export function plainText(limits: Parameters<typeof textRule>[0]): z.ZodString {
  const { characters, bytes, empty, judge } = textRule(limits);
  return z
    .string()
    .check(({ value, issues }) => {
      const fault = judge(value);
      if (!fault) return;
      const issue = { input: value, message: fault.message, origin: 'string', inclusive: true } as const;
      if (fault.kind === 'too_big') issues.push({ ...issue, code: 'too_big', maximum: characters });
      else if (fault.kind === 'empty') issues.push({ ...issue, code: 'too_small', minimum: 1 });
      else issues.push({ input: value, message: fault.message, code: 'custom' });
    })
    .meta({ maxLength: bytes, ...(!empty && { minLength: 1 }) });
}
