import { Context, type Liquid, type Template } from 'liquidjs';

// Each part of a template that is filled is one, in a loop each time; a full digest takes about a thousand.
const longestSteps = 20_000;

/**
 * Fills a template in a bounded number of steps. By the clock, which is the engine's own limit, a template would be
 * refused for nothing but a machine that is busy.
 */
export function fillTemplate(engine: Liquid, template: readonly Template[], scope: object): string {
  let steps = 0;
  const renderLimit = {
    check() {
      if ((steps += 1) > longestSteps) throw new Error(`It takes more than ${longestSteps} steps`);
    },
  };
  const limits = { liquid: engine, renderLimit: renderLimit as never };
  const context = new Context(scope, engine.options, { sync: true }, limits);
  return String(engine.renderSync(template as Template[], context));
}
