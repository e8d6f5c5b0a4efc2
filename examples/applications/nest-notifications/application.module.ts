import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { defineNotificationType, openNotifications, z } from '@infratraq/notifications';
import { openPreferences } from '@infratraq/preferences';
import mongoose from 'mongoose';
import { Pool } from 'pg';
import { OrdersController } from './orders.controller.js';
import { SettingsController } from './settings.controller.js';

const { MONGODB_URI = 'mongodb://127.0.0.1/examples', POSTGRES_URL = '' } = process.env;

const orderPlaced = defineNotificationType({
  type: 'order.placed',
  schema: z.object({ order: z.int() }),
  templates: {
    in_app: {
      en: { title: 'Order {{ order }} is yours', body: '' },
      de: { title: 'Auftrag {{ order }} ist deiner', body: '' },
    },
  },
});

/** Notifications and preferences over the connections of this application, which closes them itself. */
export class Notices implements OnApplicationShutdown {
  static async open(): Promise<Notices> {
    const connection = mongoose.createConnection(MONGODB_URI);
    const pool = new Pool({ connectionString: POSTGRES_URL });
    const preferences = await openPreferences({ connection, requireWatchable: async () => undefined });
    const opened = await openNotifications({
      connection,
      pool,
      types: [orderPlaced],
      directory: { find: async (ids) => ids.map((user_id) => ({ user_id, name: user_id, devices: [] })) },
      preferencesOf: (ids) => preferences.settings.recipientPreferencesOfAll(ids),
    });
    return new Notices(opened, preferences, async () => {
      await opened.close();
      await preferences.close();
      await pool.end();
      await connection.close();
    });
  }

  private constructor(
    readonly opened: Awaited<ReturnType<typeof openNotifications>>,
    readonly preferences: Awaited<ReturnType<typeof openPreferences>>,
    readonly onApplicationShutdown: () => Promise<void>,
  ) {}
}

@Module({
  controllers: [OrdersController, SettingsController],
  providers: [{ provide: 'notices', useFactory: () => Notices.open() }],
})
export class ApplicationModule {}
