import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ApplicationModule } from './application.module.js';

const app = await NestFactory.create(ApplicationModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
console.log(`ready at ${await app.getUrl()}`);
