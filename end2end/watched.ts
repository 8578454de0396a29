// The `test` of every journey: a page may not complain on its console, throw, break its own content
// security policy (which the console tells as well) or load anything from elsewhere.

import { type BrowserContext, expect, test as base } from "@playwright/test";

export { expect };

// Runs in the page: the module hydrates in the same turn in which it has been instantiated, so the
// next turn finds a page that answers.
function noteHydration(): void {
  const instantiate = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const module = await instantiate(source, imports);
    setTimeout(() => Object.assign(window, { hydrated: true }));
    return module;
  };
}

export class Watch {
  readonly complaints: string[] = [];
  private readonly refusals: string[] = [];

  constructor(
    private readonly origin: string,
    private readonly scripts: boolean,
  ) {}

  // A page that is to be refused: the browser notes its status on the console.
  expectRefusal(url: string): void {
    this.refusals.push(url);
  }

  async follow(context: BrowserContext): Promise<void> {
    await context.addInitScript(noteHydration);
    context.on("console", (message) => {
      const refused = this.refusals.includes(message.location().url) && /status of [45]/.test(message.text());
      // Without scripts nobody takes the module that the page told the browser to fetch early.
      if (!this.scripts && message.text().includes("was preloaded using link preload but not used")) {
        return;
      }
      if ((message.type() === "error" || message.type() === "warning") && !refused) {
        this.complaints.push(`${message.page()?.url()}: console ${message.type()}: ${message.text()}`);
      }
    });
    context.on("weberror", (error) => {
      this.complaints.push(`${error.page()?.url()}: ${error.error()}`);
    });
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.origin !== this.origin) {
        this.complaints.push(`asked for ${request.url()}`);
      }
    });
    context.on("response", (response) => {
      if (response.status() >= 400 && !this.refusals.includes(response.url())) {
        this.complaints.push(`${response.url()} answered ${response.status()}`);
      }
    });
  }
}

export const test = base.extend<{ watch: Watch }>({
  watch: [
    async ({ context, baseURL, javaScriptEnabled }, use) => {
      const watch = new Watch(new URL(baseURL ?? "").origin, javaScriptEnabled);
      await watch.follow(context);
      await use(watch);
      expect(watch.complaints).toEqual([]);
    },
    { auto: true },
  ],
});
