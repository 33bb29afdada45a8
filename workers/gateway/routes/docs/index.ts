import { secureHeaders } from 'hono/secure-headers';
import { createRouter } from '../../create-router.ts';
import { serveAsset } from '../../serve-asset.ts';
import { DOCS_FILES, handleDocsPage } from './docs-page.ts';

export const docsRoutes = createRouter();
docsRoutes.use('/docs/*', secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }));
docsRoutes.get('/docs', handleDocsPage);
for (const file of DOCS_FILES) docsRoutes.get(`/docs/${file}`, serveAsset);
