import { openDatabase } from '../../server/jobs/database.ts';

/** Makes an empty database in a folder, as the first start of a server does, and ends. */
const database = await openDatabase({ DATA_DIR: process.argv[2] as string, DATABASE_URL: '' });
await database.close();
