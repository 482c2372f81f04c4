// What the JavaScript SDK v3 makes of pairs of configuration files; see
// ../py/loads.py for what comes in and goes out.
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";
import { text } from "node:stream/consumers";

async function read(test) {
  process.env.AWS_CONFIG_FILE = test.Config;
  process.env.AWS_SHARED_CREDENTIALS_FILE = test.Credentials;
  const files = { configFilepath: test.Config, filepath: test.Credentials, ignoreCache: true };
  const { configFile, credentialsFile } = await loadSharedConfigFiles(files);
  const all = {};
  for (const profile of test.Profiles) {
    if (!configFile[profile] && !credentialsFile[profile]) continue;
    const found = { region: credentialsFile[profile]?.region ?? configFile[profile]?.region ?? "" };
    if (test.Fetch) {
      try {
        found.key = (await defaultProvider({ profile, ...files })()).accessKeyId;
      } catch (error) {
        found.key = String(error);
      }
    }
    all[profile] = found;
  }
  return all;
}

const cases = JSON.parse(await text(process.stdin));
const found = {};
for (const test of cases) found[test.Name] = await read(test);
console.log(JSON.stringify(found));
