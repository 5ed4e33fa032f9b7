import { writeFileSync } from 'node:fs';
import { catalogPage } from '../../libs/core/src/errors/catalog-page.ts';

writeFileSync(new URL('../../docs/errors.md', import.meta.url), catalogPage());
