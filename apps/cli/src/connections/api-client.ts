import { InfratraqError, type Role } from '@infratraq/kernel';

interface Problem {
  status: number;
  code: string;
  detail: string;
}

/** Calls the server's HTTP API as one user. */
export class ApiClient {
  readonly #url: string;
  readonly #token?: string;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Asks the server for a development token; on other deployments tokens come from their identity provider. */
  async requestToken(user: string, roles: readonly Role[]): Promise<string> {
    try {
      const { token } = await this.send<{ token: string }>('POST', '/api/v1/auth/dev-token', { user, roles });
      return token;
    } catch (error) {
      if (!(error instanceof InfratraqError && error.code === 'route.unknown')) throw error;
      throw new InfratraqError(
        'token.not-issued',
        'This server takes tokens from its identity provider and issues none itself',
        { status: 403, cause: error },
      );
    }
  }

  /** @throws InfratraqError with the problem's code when the server answers with one */
  async send<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as unknown;
    if (response.ok) return answer as Answer;
    const { code, detail } = answer as Problem;
    throw new InfratraqError(code, detail);
  }
}
