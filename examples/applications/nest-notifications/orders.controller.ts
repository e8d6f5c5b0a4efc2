import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import type { Notices } from './application.module.js';

@Controller()
export class OrdersController {
  constructor(@Inject('notices') readonly notices: Notices) {}

  @Post('orders/:order/assign')
  async assign(@Param('order') order: string, @Body() body: { user: string }) {
    const { notifications } = this.notices.opened;
    return notifications.send({
      to: { users: [body.user] },
      type: 'order.placed',
      data: { order: Number(order) },
    });
  }

  @Get('inbox/:user')
  async inbox(@Param('user') user: string) {
    const { items } = await this.notices.opened.inbox.list(user, { limit: 20 });
    return items.map(({ title }) => title);
  }
}
