/** Asks before it unsubscribes, because mail scanners follow links but press no buttons. */
export const unsubscribePage = page(
  'Unsubscribe',
  '<form method="post"><p>Stop these notifications?</p><button>Unsubscribe</button></form>',
);

/** Confirms the unsubscription. */
export const unsubscribedPage = page(
  'Unsubscribed',
  '<p>You will not get these notifications any more. Your preferences bring them back.</p>',
);

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><body><h1>${title}</h1>${content}</body></html>`;
}
