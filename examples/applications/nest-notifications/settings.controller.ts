import { Body, Controller, Get, Inject, Param, ParseIntPipe, Patch, Query } from '@nestjs/common';
import type { Notices } from './application.module.js';

@Controller('settings')
export class SettingsController {
  constructor(@Inject('notices') readonly notices: Notices) {}

  @Get(':user')
  read(@Param('user') user: string) {
    return this.notices.preferences.settings.read(user);
  }

  @Patch(':user')
  patch(
    @Param('user') user: string,
    @Query('version', ParseIntPipe) version: number,
    @Body() changes: Record<string, unknown>,
  ) {
    return this.notices.preferences.settings.patch(user, changes, version);
  }
}
