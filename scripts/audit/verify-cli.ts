#!/usr/bin/env node
import { verifyFile } from './verify-file.ts';

process.exitCode = await verifyFile(process.argv.slice(2), console.log, console.error);
