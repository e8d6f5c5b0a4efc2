import { Context, type Liquid, type Template } from 'liquidjs';

// Each rendered part of a template is a step, in a loop each time; a full digest takes about a thousand.
const longestSteps = 20_000;

/**
 * Renders a template in a bounded number of steps. The engine's own limit is a time, which would fail templates on a
 * busy machine.
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
