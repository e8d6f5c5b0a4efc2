import { createHash } from 'node:crypto';
import {
  cutText,
  DefinitionError,
  InfratraqError,
  InvalidInputError,
  NotFoundError,
  notificationChannels,
  type NotificationChannel,
} from '@infratraq/kernel';
import { compile as compileHtmlToText } from 'html-to-text';
import { Liquid, type Template } from 'liquidjs';
import type { NotificationType } from './notification-type.js';
import { assertVariables, readPaths, type VariablePath } from './check-variables.js';
import { chooseLocale } from './choose-locale.js';
import { fillTemplate } from './fill-template.js';
import { isSafeUrl } from './is-safe-url.js';

/** The text that a recipient gets. */
export interface RenderedText {
  readonly title: string;
  /** Plain text. */
  readonly body: string;
  readonly html?: string;
  readonly url?: string;
  readonly template: { readonly name: string; readonly version: string; readonly locale: string };
}

/** Whom a text is for. */
export interface RenderingRecipient {
  readonly name: string;
}

/** A template cannot be rendered although the data match the schema: the template has to be corrected. */
export class RenderingError extends InfratraqError {
  constructor(where: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('notification.rendering', `The template of ${where} can't be filled: ${reason}`, {
      status: 422,
      cause,
    });
  }
}

interface CompiledTemplate {
  readonly name: string;
  readonly version: string;
  readonly locale: string;
  readonly title: readonly Template[];
  readonly body: readonly Template[] | undefined;
  readonly html: readonly Template[] | undefined;
  readonly url: readonly Template[] | undefined;
}

// Limits of one template, so that an expensive one does not hold up the others.
const limits = { parseLimit: 200_000, memoryLimit: 2_000_000 };
const lengths = { title: 500, body: 20_000 };
const reserved = ['recipient', 'locale'];
const settings = {
  ...limits,
  strictFilters: true,
  strictVariables: true,
  lenientIf: true,
  ownPropertyOnly: true,
  // No template reads a file.
  templates: {},
};
const textOf = compileHtmlToText({
  wordwrap: false,
  selectors: [{ selector: 'img', format: 'skip' }],
});

/** The declared types with their templates, compiled once. */
export class TemplateCatalog {
  readonly #types = new Map<string, NotificationType>();
  readonly #templates = new Map<string, Map<string, CompiledTemplate>>();
  readonly #plain = new Liquid(settings);
  readonly #html = new Liquid({ ...settings, outputEscape: 'escape' });

  /** @throws DefinitionError when a template is wrong or reads what its type's data does not have */
  constructor(types: readonly NotificationType[]) {
    for (const type of types) {
      if (this.#types.has(type.type))
        throw new DefinitionError(type.type, 'notification.twice', 'It is declared twice');
      this.#types.set(type.type, type);
      for (const channel of notificationChannels) {
        const byLocale = Object.entries(type.templates[channel] ?? {});
        if (byLocale.length === 0) continue;
        this.#templates.set(
          keyOf(type.type, channel),
          new Map(byLocale.map(([locale, source]) => [locale, this.#compile(type, channel, locale, source)])),
        );
      }
    }
  }

  /** @throws NotFoundError `notification.type-unknown` */
  typeOf(name: string): NotificationType {
    const type = this.#types.get(name);
    if (!type)
      throw new NotFoundError(
        `There is no notification type ${name}; declare it first`,
        'notification.type-unknown',
      );
    return type;
  }

  list(): NotificationType[] {
    return [...this.#types.values()];
  }

  hasTemplate(type: string, channel: NotificationChannel): boolean {
    return this.#templates.has(keyOf(type, channel));
  }

  /**
   * Checks data against the schema of the type and returns the parsed data.
   * @throws InvalidInputError `notification.data`
   */
  parseData(name: string, data: unknown): Record<string, unknown> {
    const parsed = this.typeOf(name).schema.safeParse(data);
    if (parsed.success) return parsed.data as Record<string, unknown>;
    const errors = parsed.error.issues.map(({ path, message }) => ({
      path: `/${['data', ...path].map(String).join('/')}`,
      message,
    }));
    const faults = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new InvalidInputError(faults, { code: 'notification.data', cause: parsed.error, errors });
  }

  /** @throws RenderingError */
  render(
    type: string,
    channel: NotificationChannel,
    wanted: string,
    data: Readonly<Record<string, unknown>>,
    recipient: RenderingRecipient,
  ): RenderedText {
    const byLocale = this.#templates.get(keyOf(type, channel));
    const chosen = chooseLocale(wanted, [...(byLocale?.keys() ?? [])]);
    const template = chosen === undefined ? undefined : byLocale?.get(chosen);
    if (!template)
      throw new NotFoundError(`${type} has no template for ${channel}`, 'notification.template-missing');
    const { name, version, locale } = template;
    const scope = { ...data, recipient, locale };
    try {
      const html = template.html && fillTemplate(this.#html, template.html, scope);
      const body = template.body ? fillTemplate(this.#plain, template.body, scope) : textOf(html ?? '');
      const url = template.url && fillTemplate(this.#plain, template.url, scope).trim();
      return {
        // A line break in the subject of an email would begin another header.
        title: cutText(
          fillTemplate(this.#plain, template.title, scope).replace(/\s+/g, ' ').trim(),
          lengths.title,
        ),
        body: cutText(body, lengths.body),
        ...(html !== undefined && { html }),
        ...(url && isSafeUrl(url) && { url }),
        template: { name, version, locale },
      };
    } catch (cause) {
      throw new RenderingError(`${name} in ${locale}`, cause);
    }
  }

  #compile(
    type: NotificationType,
    channel: NotificationChannel,
    locale: string,
    source: object,
  ): CompiledTemplate {
    const parts = source as Partial<Record<'title' | 'subject' | 'body' | 'html' | 'text' | 'url', string>>;
    const where = `${type.type}/${channel}/${locale}`;
    const knows = readPaths(type.schema);
    const compile = (engine: Liquid, text: string): readonly Template[] => {
      let template: Template[];
      let paths: VariablePath[];
      try {
        template = engine.parse(text);
        // Includes are resolved here too, and rejected: there is nothing to include.
        paths = engine.globalVariableSegmentsSync(template) as VariablePath[];
      } catch (cause) {
        throw new DefinitionError(where, 'notification.template', (cause as Error).message);
      }
      assertVariables(where, paths, knows, reserved);
      return template;
    };
    const optional = (engine: Liquid, text: string | undefined) =>
      text === undefined ? undefined : compile(engine, text);
    return {
      name: `${type.type}/${channel}`,
      version: createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 12),
      locale,
      title: compile(this.#plain, parts.title ?? parts.subject ?? ''),
      body: optional(this.#plain, parts.body ?? parts.text),
      html: optional(this.#html, parts.html),
      url: optional(this.#plain, parts.url),
    };
  }
}

function keyOf(type: string, channel: NotificationChannel): string {
  return `${type} ${channel}`;
}
