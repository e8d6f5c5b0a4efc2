import { createConsumers, type ChangeConsumer } from '@infratraq/capture';

const prices: ChangeConsumer = {
  name: 'price-list',
  entityTypes: ['materials'],
  async handle(changes) {
    for (const { entity_id, new_value } of changes) await publishPrice(entity_id, new_value?.['price']);
  },
};
const consumers = createConsumers({
  postgresUrl,
  connection,
  capture,
  consumers: [prices],
  onRejected: keepIt,
});
consumers.start();

type Settings = Parameters<typeof createConsumers>[0];
declare const postgresUrl: string;
declare const connection: Settings['connection'];
declare const capture: Settings['capture'];
declare const keepIt: Settings['onRejected'];
declare function publishPrice(material: string, price: unknown): Promise<void>;
