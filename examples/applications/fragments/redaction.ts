import { Redact } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';

export class Visit {
  @Redact('hash')
  @prop({ type: String, maxlength: 100 })
  ip_address?: string;
}
