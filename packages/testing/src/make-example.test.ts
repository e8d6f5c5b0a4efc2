import { describe, expect, it } from '@jest/globals';
import { model, Schema } from 'mongoose';
import { makeExample } from './make-example.js';

describe('an example made from a schema', () => {
  it('has every field, nested ones too, and is valid', async () => {
    const schema = new Schema({
      at: { type: Date, required: true },
      state: { type: String, enum: ['open', 'closed'], required: true },
      share: { type: Number, min: 0, max: 1, required: true },
      tags: { type: [String], required: true },
      parts: {
        type: [new Schema({ name: { type: String, required: true } }, { _id: false })],
        required: true,
      },
      owner: { type: new Schema({ user: { type: String, required: true } }, { _id: false }), required: true },
      content: Schema.Types.Mixed,
      done: Boolean,
    });
    const example = makeExample(schema);
    expect(Object.keys(example).sort()).toEqual([
      'at',
      'content',
      'done',
      'owner',
      'parts',
      'share',
      'state',
      'tags',
    ]);
    const Example = model('Example', schema);
    await expect(new Example(example).validate()).resolves.toBeUndefined();
  });
});
