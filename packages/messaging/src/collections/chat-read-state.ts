import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';
import type { Types } from 'mongoose';

/** How far one of a member's devices has received a channel. */
@modelOptions({ schemaOptions: { _id: false } })
export class DevicePosition {
  @prop({ type: String, required: true, maxlength: 200 })
  device_id!: string;

  @prop({ type: Number, required: true, min: 0 })
  delivered_seq!: number;

  @prop({ type: Date, required: true })
  seen_at!: Date;
}

/** How far a member has received and read a channel; positions only ever move forward. */
@Collection<ChatReadState>({
  name: 'chat_read_state',
  purpose: "Each member's delivered and read position per channel",
  retention: permanent(),
  growth: growth('low', { documentBytes: 220, documentsPerDay: 60 }),
  traits: ['nested-fields'],
  indexes: [
    { key: { channel: 1, user_id: 1 }, unique: true, serves: 'findReadState' },
    { key: { channel: 1, updated_at: -1 }, serves: 'listReadStatesMoved' },
    { key: { user_id: 1, updated_at: -1 }, serves: 'listReadStatesOfUser' },
  ],
  shardKey: { channel: 1 },
})
export class ChatReadState {
  readonly _id!: Types.ObjectId;

  @prop({ type: String, required: true, maxlength: 200 })
  channel!: string;

  @prop({ type: String, required: true })
  user_id!: string;

  /** Highest `seq` that reached any of the member's devices. */
  @prop({ type: Number, required: true, default: 0, min: 0 })
  delivered_seq!: number;

  /** Highest `seq` that the member has read. */
  @prop({ type: Number, required: true, default: 0, min: 0 })
  read_seq!: number;

  @prop({ type: Date })
  delivered_at?: Date;

  @prop({ type: Date })
  read_at?: Date;

  /** When the member last took a turn in a slow channel. */
  @prop({ type: Date })
  last_sent_at?: Date;

  /** One entry per device of the member. */
  @prop({ type: () => [DevicePosition], default: undefined })
  devices?: DevicePosition[];

  @prop({ type: Date, required: true })
  updated_at!: Date;
}
