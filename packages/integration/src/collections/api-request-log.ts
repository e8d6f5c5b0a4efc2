import 'reflect-metadata';
import { between, Collection, days, growth, Redact } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import { HttpMessage } from './http-message.js';

/** Whether others called us, or we called them. */
export const requestDirections = ['inbound', 'outbound'] as const;
export type RequestDirection = (typeof requestDirections)[number];

/** One HTTP request with its response: who called what, how it ended, how long it took; without secrets. */
@Collection<ApiRequestLog>({
  name: 'api_request_log',
  purpose: 'Inbound and outbound HTTP requests with their response payloads',
  time: 'created_at',
  retention: between(days(30), days(90)),
  archive: 'never',
  growth: growth('high', { documentBytes: 2_500, documentsPerDay: 400_000 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    { key: { route: 1, created_at: -1 }, serves: 'listRequestsOfRoute' },
    { key: { status_class: 1, created_at: -1 }, serves: 'listRequestsByStatusClass' },
    {
      key: { user_id: 1, created_at: -1 },
      partial: { user_id: { $exists: true } },
      serves: 'listRequestsOfUser',
    },
    {
      key: { cause_id: 1, created_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listRequestsOfCause',
    },
  ],
  shardKey: { _id: 'hashed' },
})
export class ApiRequestLog {
  /** When the request arrived, or was sent. */
  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date })
  expires_at?: Date;

  @prop({ type: String, required: true, enum: requestDirections })
  direction!: RequestDirection;

  @prop({ type: String, required: true, match: /^[A-Z][A-Z-]{1,31}$/ })
  method!: string;

  /** The route's pattern (`/api/v1/collections/:name`); `unmatched` when no route answers. */
  @prop({ type: String, required: true, maxlength: 500 })
  route!: string;

  /** The path as it was called, without its query. */
  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 2_000 })
  path!: string;

  /** The query as it was sent, secrets replaced. */
  @Redact('secrets')
  @prop({ type: String, maxlength: 2_000 })
  query?: string;

  /** The host that was called. */
  @prop({ type: String, maxlength: 300 })
  host?: string;

  /** The external system that was called; outbound only. */
  @prop({ type: String, maxlength: 200 })
  external_system?: string;

  /** The response's status; 0 when none came. */
  @prop({ type: Number, required: true, min: 0, max: 599 })
  status!: number;

  /** The status's first digit, for listing failures. */
  @prop({ type: Number, required: true, min: 0, max: 5 })
  status_class!: number;

  /** From arrival to the response's last byte, in milliseconds. */
  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  @prop({ type: () => HttpMessage, required: true })
  request!: HttpMessage;

  @prop({ type: () => HttpMessage })
  response?: HttpMessage;

  /** The stable code of the error that was answered or met. */
  @prop({ type: String, maxlength: 200 })
  error_code?: string;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  session_id?: string;

  /** A keyed digest of the address: callers can be told apart, not found. */
  @Redact('hash')
  @prop({ type: String, maxlength: 100 })
  ip_address?: string;

  @prop({ type: String, maxlength: 200 })
  request_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
