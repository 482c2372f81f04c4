// The JavaScript SDK v3 as a program would use it: default credentials, one
// call, the outcome on one line. "ok", or the service's error code after
// "denied"; ends with 1 when neither was had.
//
//     node client.js ec2|s3
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";

const calls = {
  ec2: () => new EC2Client({ maxAttempts: 1 }).send(new DescribeInstancesCommand({})),
  s3: () => new S3Client({ maxAttempts: 1, forcePathStyle: true }).send(new ListBucketsCommand({})),
};

const call = calls[process.argv[2]];
if (!call) {
  console.error("usage: client.js ec2|s3");
  process.exit(2);
}
try {
  await call();
  console.log("ok");
} catch (error) {
  if (!error.$metadata?.httpStatusCode) {
    console.error(String(error));
    process.exit(1);
  }
  console.log("denied", error.Code ?? error.name);
}
