import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';

/** Tokens that a language model has read and written. */
@modelOptions({ schemaOptions: { _id: false } })
export class TokenUsage {
  @prop({ type: Number, required: true, min: 0 })
  input_tokens!: number;

  @prop({ type: Number, required: true, min: 0 })
  output_tokens!: number;

  /** Part of the input that the provider had cached. */
  @prop({ type: Number, required: true, min: 0, default: 0 })
  cached_input_tokens!: number;
}

/** Adds usages up; without any, nothing was used. */
export function sumTokenUsage(usages: Iterable<TokenUsage>): TokenUsage {
  const sum: TokenUsage = { input_tokens: 0, output_tokens: 0, cached_input_tokens: 0 };
  for (const usage of usages) {
    sum.input_tokens += usage.input_tokens;
    sum.output_tokens += usage.output_tokens;
    sum.cached_input_tokens += usage.cached_input_tokens;
  }
  return sum;
}
